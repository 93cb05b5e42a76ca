import { phrases, type KeywordList } from './keyword-list.js';

export const SPANISH: KeywordList = {
  language: 'es',
  keywords: {
    OPT_OUT: phrases(`
      alto, parar, pare, paren, para, parad, detener, detenga, detengan, basta, baja, darme de baja, dar de baja, dame de baja, no
      más, no mas mensajes, no enviar, no enviar más, cancelar suscripción, salir, fin, finalizar, eliminar, desuscribir,
      desuscribirme, borrar, borrarme, no molestar, no molesten, terminar, revocar, desuscribirse, quitar, parar todo, anular
      suscripción, ya no más, no gracias no más, déjenme en paz, alto ya`),
    CANCEL_OR_OPT_OUT: phrases(`cancelar, cancela, cancele, cancelen, anular, cancelo, anula, anule`),
    OPT_IN: phrases(`
      iniciar, inicio, alta, empezar, comenzar, suscribir, suscribirme, suscríbeme, reanudar, activar, darme de alta, comienzo`),
    HELP: phrases(`ayuda, ayúdame, información, necesito ayuda, ayuda por favor, ayúdenme, soporte, más información`),
    CONFIRM: phrases(`
      sí, si, confirmo, confirmar, confirmado, confirmada, vale, de acuerdo, acepto, sí confirmo, si confirmo, sí acepto, por
      supuesto, sí asistiré, sí voy, si señor, claro que sí, está bien, sí sí, correcto`),
  },
  attendance: phrases(`ahí estaré, allí estaré, asistiré, claro`),
  no: phrases(`
      no, no puedo, no podré, no puedo ir, no voy, no asistiré, no iré, no podré ir, no podré asistir, no confirmo, rechazo`),
  politeness: phrases(`
      por favor, porfavor, porfa, gracias, muchas gracias, hola, buenos días, buenas tardes, buenas noches, buenas, ya, ahora, señor,
      señora, saludos, un saludo, ok, perdón, disculpe, inmediatamente, favor, estimados, ahora mismo, mil gracias, señores, doctor,
      doctora`),
  groups: {
    stop: phrases(`
      deje de, dejen de, deja de, paren de, pare de, para de, dejad de, dejar de, quiero que dejen de, basta de`),
    send: phrases(`
      enviarme, mandarme, escribirme, contactarme, molestarme, llamarme, enviar, mandar, molestar, recibir, enviarnos, escribir`),
    sendx: phrases(`
      me envíen, me envíe, me envíes, me manden, me mande, me mandes, me escriban, me escriba, me contacten, me contacte, me molesten,
      me molestes, me llamen, envíen, envíe, manden, mande, envíes, mandes, vuelvan a escribirme, vuelva a escribirme, me escribas, me
      moleste, vuelvan a enviarme, vuelvan a contactarme`),
    messages: phrases(`
      mensajes, sms, textos, mensaje, publicidad, estos mensajes, sus mensajes, promociones, los mensajes, los sms, notificaciones,
      más mensajes, más sms, más publicidad, más, mensajes de texto, tantos mensajes, estos sms, ofertas, este tipo de mensajes, nada,
      tus mensajes, más textos, más promociones, sus sms`),
    again: phrases(`
      por favor, gracias, nunca más, nunca, más, ya, otra vez, de nuevo, a este número, a mi número, a este teléfono, de ustedes`),
    want: phrases(`
      no quiero, ya no quiero, no deseo, ya no deseo, no me interesan, no quiero que, no necesito, ya no me interesan, no queremos`),
    like: phrases(`
      quiero, deseo, quisiera, necesito, me gustaría, puede, pueden, por favor, solicito, favor de, puedes`),
    list: phrases(`
      la lista, su lista, esta lista, sus listas, su base de datos, sus contactos, la base de datos, tu lista`),
    remove: phrases(`
      elimíneme, elimínenme, bórrenme, bórreme, quítenme, quíteme, sáquenme, sáqueme, eliminar mi número, borrar mi número, eliminen
      mi número, borren mi número, elimine mi número, borre mi número, quiten mi número, quítame, bórrame, sácame, elimíname`),
    the: phrases(`mi, la, el, esta, este, mis`),
    appointment: phrases(`cita, reserva, visita, consulta, turno, pedido, cita médica, hora`),
    cancel: phrases(`cancelar, cancele, cancelen, cancela, anular, anule, cancelo`),
  },
  rules: {
    OPT_OUT: phrases(`
      [<like>] <stop> <send> [<messages>] [<again>], no <sendx> [<messages>] [<again>], no <send> [<messages>] [<again>], <want>
      [<send>] <messages> [<again>], <want> <sendx> [<messages>] [<again>], [<like>] darme de baja [<again>], [<like>] dar de baja
      [<again>], [<like>] darme de baja de <list>, [<like>] cancelar <the> suscripción [<again>], [<like>] cancelar la suscripción,
      cancele mi suscripción [<again>], [<like>] <remove> [<again>], [<like>] <remove> de <list> [<again>], déjenme en paz, revoco mi
      consentimiento, retiro mi consentimiento, basta de <messages> [<again>]`),
    OPT_IN: phrases(`[<like>] suscribirme [<again>], [<like>] recibir mensajes, [<like>] darme de alta [<again>]`),
    CANCEL: phrases(`[<like>] <cancel> <the> <appointment> [<again>], [<like>] <cancel> <appointment> [<again>]`),
    CONFIRM: phrases(`
      [<like>] confirmar <the> <appointment>, confirmo <the> <appointment>, sí confirmo <the> <appointment>`),
  },
  suspicious: phrases(`
      darme de baja, dar de baja, de baja, no me envíen, no me manden, dejen de, deje de, no quiero recibir, spam, acoso, desuscribir,
      mi consentimiento, número equivocado, numero equivocado, no molestar, paren de, suscripción, no más mensajes, no me escriban, no
      más, stop, basta`),
  harmless: phrases(`
      no dejen de, no deje de, no pare de, no paren de, dejen de doler, sin parar, estoy de baja, de baja médica, de baja laboral, la
      baja médica, no para de`),
};
