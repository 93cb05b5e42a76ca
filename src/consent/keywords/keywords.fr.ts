import { phrases, type KeywordList } from './keyword-list.js';

export const FRENCH: KeywordList = {
  language: 'fr',
  keywords: {
    OPT_OUT: phrases(`
      arrêt, arrêter, arrêtez, arrête, stop sms, stop svp, désabonner, désabonnement, désinscrire, désinscription, désabonnez moi,
      désinscrivez moi, me désabonner, me désinscrire, résilier, fin, finir, ça suffit, assez, cesser, cessez, supprimer, supprimez
      moi, retirer, retirez moi, plus de sms, plus de messages, stopper, stoppez, quitter, révoquer, ne plus recevoir, arrêt sms, non
      aux sms, laissez moi tranquille, stop tout`),
    CANCEL_OR_OPT_OUT: phrases(`annuler, annulez, annule, annulation, j'annule`),
    OPT_IN: phrases(`
      début, démarrer, commencer, reprendre, s'abonner, abonner, m'abonner, réabonner, abonnez moi, je m'abonne, recommencer,
      m'inscrire, inscription`),
    HELP: phrases(`
      aide, aidez moi, infos, informations, besoin d'aide, j'ai besoin d'aide, au secours, à l'aide, assistance`),
    CONFIRM: phrases(`
      oui, d'accord, je confirme, confirmer, confirmé, oui je confirme, bien sûr, j'accepte, oui merci, oui je viens, ouais, oui oui,
      ça marche, confirme`),
  },
  attendance: phrases(`je serai là, je viendrai, je viens, parfait, entendu`),
  no: phrases(`
      non, je ne peux pas, je ne viendrai pas, non merci, je ne pourrai pas, je ne peux pas venir, je ne pourrai pas venir, je refuse`),
  politeness: phrases(`
      s'il vous plaît, s'il vous plait, s'il te plaît, svp, stp, merci, merci beaucoup, bonjour, bonsoir, salut, maintenant,
      immédiatement, monsieur, madame, cordialement, tout de suite, ok, désolé, merci bien, d'avance, veuillez, docteur, bonne journée`),
  groups: {
    stop: phrases(`
      arrêtez de, arrête de, arrêtez d', cessez de, cesser de, arrêter de, arrêter d', merci d'arrêter de, merci de cesser de, stop
      de, arretez, merci de ne plus, merci de ne pas, veuillez ne plus, prière de ne plus, veuillez cesser de, veuillez arrêter de,
      pouvez vous arrêter de, ne plus, arrêtez`),
    send: phrases(`
      m'envoyer, denvoyer, d'envoyer, de m'envoyer, menvoyer, envoyer, m'écrire, mécrire, me contacter, me harceler, m'appeler, me
      déranger, d'écrire, me spammer, mappeler, me solliciter, de m'écrire`),
    sendx: phrases(`
      m'envoyez plus, m'envoyez pas, envoyez plus, m'envoie plus, m'écrivez plus, me contactez plus, me contactez pas, m'appelez plus,
      me dérangez plus, me harcelez plus, m'écris plus, m'écrivez pas`),
    messages: phrases(`
      de messages, de sms, des messages, des sms, vos messages, vos sms, ces messages, ces sms, de publicité, de publicités, de
      textos, les messages, les sms, vos publicités, vos promotions, de pub, vos pubs, de notifications, ces publicités, rien, des
      publicités, tous ces messages, vos textos, messages, sms, de messages publicitaires, tous les messages`),
    again: phrases(`
      s'il vous plaît, svp, merci, jamais, sur ce numéro, à ce numéro, de votre part, à mon numéro, désormais, maintenant`),
    want: phrases(`
      je ne veux plus, je veux plus, je ne souhaite plus, je ne veux pas, je ne désire plus, je ne souhaite pas, nous ne voulons plus,
      jveux plus, je veux ne plus`),
    receive: phrases(`recevoir, avoir, être contacté, être contactée, recevoir de, être dérangé, être dérangée`),
    like: phrases(`
      je veux, je souhaite, je voudrais, j'aimerais, merci de, veuillez, pouvez vous, je désire, je vous demande de, svp`),
    list: phrases(`votre liste, la liste, vos listes, cette liste, votre base de données, vos contacts, votre fichier`),
    remove: phrases(`
      retirez moi, supprimez moi, enlevez moi, rayez moi, me retirer, me supprimer, supprimer mon numéro, supprimez mon numéro,
      retirez mon numéro, effacez mon numéro, enlevez mon numéro, effacer mon numéro, désabonnez moi, désinscrivez moi, retirer mon
      numéro`),
    the: phrases(`mon, ma, le, la, ce, cette, mes`),
    appointment: phrases(`rendez vous, rdv, réservation, visite, consultation, commande`),
    cancel: phrases(`annuler, annulez, annule, j'annule, décommander`),
  },
  rules: {
    OPT_OUT: phrases(`
      [<like>] <stop> <send> [<messages>] [<again>], [<like>] <stop> <messages> [<again>], ne <sendx> [<messages>] [<again>], <sendx>
      [<messages>] [<again>], <want> <receive> [<messages>] [<again>], <want> <messages> [<again>], <want> que vous me contactiez
      [<again>], [<like>] me désabonner [<again>], [<like>] me désinscrire [<again>], [<like>] me désabonner de <list>, [<like>] me
      désinscrire de <list>, [<like>] me désabonner de <messages>, [<like>] <remove> [<again>], [<like>] <remove> de <list> [<again>],
      [<like>] résilier <the> abonnement, [<like>] annuler <the> abonnement, plus <messages> [<again>], je retire mon consentement, je
      révoque mon consentement, je me désabonne, je me désinscris, laissez moi tranquille [<again>], fichez moi la paix`),
    OPT_IN: phrases(`[<like>] m'abonner [<again>], [<like>] recevoir <messages>, [<like>] m'inscrire [<again>]`),
    CANCEL: phrases(`[<like>] <cancel> <the> <appointment> [<again>], [<like>] <cancel> <appointment> [<again>]`),
    CONFIRM: phrases(`
      [<like>] confirmer <the> <appointment>, je confirme <the> <appointment>, oui je confirme <the> <appointment>`),
  },
  suspicious: phrases(`
      désabonner, désinscrire, désabonnement, arrêtez, cessez, ne plus recevoir, plus de messages, plus de sms, harcèlement, spam, mon
      consentement, mauvais numéro, ne me contactez, ne m'envoyez, stop, harceler, plus recevoir, n'envoyez plus, laissez moi`),
  harmless: phrases(`
      n'arrêtez pas, n'arrête pas, ne arrêtez pas, sans arrêt, arrêt de bus, arrêt maladie, en arrêt, l'arrêt, ne vous arrêtez pas,
      narretez pas, arrêtez de bouger, laissez moi savoir, ne cessez pas, ne cesse pas`),
};
