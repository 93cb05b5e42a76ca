import { phrases, type KeywordList } from './keyword-list.js';

export const ENGLISH: KeywordList = {
  language: 'en',
  keywords: {
    OPT_OUT: phrases(`
      stop, stop all, stopall, end, quit, revoke, opt out, optout, unsubscribe, unsub, remove, remove me, stop now, stop it, stop
      this, stop texts, stop messages, stop sms, end all, delete me, leave me alone, td, stop stop, stop stop stop, no more, no more
      texts, no more messages, no more sms, unsubscribe me, unsubscribe all, i want to stop, send stop, reply stop, text stop, stop
      end, take me off`),
    CANCEL_OR_OPT_OUT: phrases(`cancel, cancel it, cancel this, cancel all`),
    OPT_IN: phrases(`
      start, unstop, subscribe, opt in, optin, resume, start again, resubscribe, subscribe me, sign me up, restart`),
    HELP: phrases(`help, info, help me, i need help, information, support, need help, more info, more information`),
    CONFIRM: phrases(`
      yes, y, yeah, yep, yup, ok, okay, sure, confirm, confirmed, i confirm, yes confirm, yes i confirm, yes i will, yes i will be
      there, agree, i agree, yes yes, accept, yes ok, ok yes, affirmative`),
  },
  attendance: phrases(`
      k, i will be there, ill be there, see you then, will be there, sure thing, yes i will be there, on my way`),
  no: phrases(`
      no, n, nope, nah, i cant, cant, i cannot, cannot, cant come, i cant come, i cannot come, i cant make it, cant make it, i will
      not come, not coming, i wont come, decline`),
  politeness: phrases(`
      please, pls, plz, kindly, thanks, thank you, thank u, thx, ty, hi, hello, hey, dear, sir, madam, now, many, a lot, very much, so
      much, sorry, immediately, at once, right now, asap, cheers, regards, best, just, good morning, good evening, good day, sir
      madam, team, there`),
  groups: {
    me: phrases(`
      me, us, to me, to us, this number, to this number, my number, to my number, on this number, my phone, to my phone, here`),
    sending: phrases(`
      texting, messaging, sending, contacting, calling, spamming, bothering, writing, smsing, whatsapping, harassing, sms, disturbing,
      emailing`),
    send: phrases(`text, message, send, contact, call, spam, bother, write, disturb, sms, email`),
    messages: phrases(`
      texts, messages, sms, smses, ads, marketing, spam, promotions, reminders, notifications, promotional messages, text messages,
      offers, alerts, anything, stuff, marketing messages, text, message, messaging, emails, updates, communications`),
    these: phrases(`
      these, the, any, any more, more, all, all these, those, this, your, such, all of these, all the, all your, anymore, further,
      with the, with these, with this`),
    never: phrases(`do not, dont, never, you must not, you may not, please do not, please dont, do not ever, dont ever`),
    want: phrases(`
      i do not want, i dont want, i no longer want, we do not want, i do not wish, i dont wish, dont want, do not want, i dont need, i
      do not need, no longer want, not interested in`),
    receive: phrases(`to receive, to get, receiving, getting, to be sent, to hear, receive, get`),
    again: phrases(`
      again, any more, anymore, ever again, any longer, from you, now, please, thanks, thank you, immediately, ever, from your clinic,
      from your company, from this number`),
    list: phrases(`
      your list, the list, this list, your mailing list, the mailing list, your lists, all lists, your database, your system, your
      contacts`),
    like: phrases(`
      i want to, i would like to, id like to, i wish to, i need to, please let me, how do i, can i, let me, i want you to, can you,
      could you, would you, will you, you must, you need to, you have to, i said, i told you to, kindly, please, pls, id like you to,
      just`),
    appointment: phrases(`appointment, booking, visit, reservation, appt, session, consultation, order`),
    the: phrases(`my, the, this, our, todays, tomorrows`),
  },
  rules: {
    OPT_OUT: phrases(`
      [<like>] stop <sending> [<me>] [<these>] [<messages>] [<me>] [<again>], [<like>] quit <sending> [<me>] [<these>] [<messages>]
      [<me>] [<again>], [<like>] stop <these> <messages> [<me>] [<again>], [<like>] stop <messages> [<me>] [<again>], [<like>] <never>
      <send> [<me>] [<these>] [<messages>] [<me>] [<again>], [<like>] <want> [<receive>] [<these>] <messages> [<again>], [<like>]
      <want> <receive> [<these>] <messages> [<again>], [<like>] <want> you to <send> [<me>] [<these>] [<messages>] [<again>], [<like>]
      unsubscribe [<me>] [<again>], [<like>] unsubscribe [<me>] from [<these>] <messages>, [<like>] unsubscribe [<me>] from <list>,
      [<like>] opt out [<again>], [<like>] opt out of [<these>] <messages> [<again>], [<like>] opt me out [<again>], [<like>] remove
      <me> [<again>], [<like>] remove <me> from <list> [<again>], [<like>] take <me> off <list> [<again>], [<like>] take
      <me> off of <list> [<again>], [<like>] delete <me> from <list> [<again>], [<like>] delete my number [<again>], [<like>] cancel
      [<these>] <messages> [<again>], [<like>] cancel my subscription [<again>], [<like>] end my subscription [<again>], [<like>] end
      [<these>] <messages> [<again>], [<like>] revoke my consent [<again>], i revoke my consent [<again>], i withdraw my consent
      [<again>], [<like>] withdraw my consent [<again>], no more [<these>] <messages> [<again>], leave me alone [<again>], i want out,
      i want to stop [<receive>] [<these>] <messages> [<again>]`),
    OPT_IN: phrases(`
      [<like>] start <sending> [<me>] [<these>] [<messages>] [<again>], [<like>] subscribe me [<again>], [<like>] subscribe [<again>],
      [<like>] opt in [<again>], [<like>] resume [<these>] <messages> [<again>]`),
    CANCEL: phrases(`
      [<like>] cancel [<the>] <appointment>, [<like>] cancel [<the>] <appointment> <again>, [<like>] cancel it, i cannot come to <the>
      <appointment>`),
    CONFIRM: phrases(`
      [<like>] confirm [<the>] <appointment>, yes confirm [<the>] <appointment>, yes i will come, i confirm [<the>] <appointment>`),
    HELP: phrases(`[<like>] get help, how do i get help`),
  },
  suspicious: phrases(`
      stop, i quit, unsubscribe, unsubscribed, unsubscribing, optout, opt out, opting out, opted out, stopall, remove me, remove my,
      delete my, spam, spamming, harassment, harassing, my consent, no more texts, no more messages, do not contact, dont contact,
      dont text, do not text, dont message, do not message, leave me alone, take me off, wrong number, stopp, report you, quit
      texting, quit sending`),
  harmless: phrases(`
      dont stop, do not stop, never stop, not stop, cant stop, wont stop, cannot stop, didnt stop, did not stop, please dont stop,
      wouldnt stop, i quit smoking, i quit drinking, stop by, stop off, stop over, stop taking, stop eating, stop using, stop the
      medication, stop the medicine, stop the tablets, stop the pills, stop drinking, stop smoking, bus stop, train stop, metro stop,
      tram stop, last stop, next stop, first stop, full stop, non stop, pit stop, stop sign, stop light, the stop, truck stop, one
      stop, a stop, stop bleeding, stop coughing, stop hurting, doesnt stop, does not stop, stop worrying, stop with the antibiotics,
      with my consent, give my consent, gave my consent, i stopped`),
};
