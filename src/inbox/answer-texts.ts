/** What the program answers by itself. The tenant's published template of the same kind goes before. */
export const AnswerKind = { OPT_OUT: 'OPT_OUT', OPT_IN: 'OPT_IN', HELP: 'HELP' } as const;
export type AnswerKind = (typeof AnswerKind)[keyof typeof AnswerKind];

export const TEMPLATE_OF: Readonly<Record<AnswerKind, string>> = {
  OPT_OUT: 'opt_out_confirmation',
  OPT_IN: 'opt_in_confirmation',
  HELP: 'help_answer',
};

type Texts = Readonly<Record<string, (sender: string) => string>>;

const OPT_OUT: Texts = {
  en: (sender) => `${sender}: you will get no more messages from us here. Reply START if you change your mind.`,
  ar: (sender) => `${sender}: لن تصلك منا رسائل أخرى هنا. إن غيّرت رأيك فأرسل ابدأ.`,
  hi: (sender) => `${sender}: अब आपको यहाँ हमारे संदेश नहीं मिलेंगे। फिर पाने के लिए शुरू लिखकर भेजें।`,
  es: (sender) => `${sender}: ya no recibe nuestros mensajes. Si cambia de idea, responda INICIAR.`,
  fr: (sender) => `${sender} : vous ne recevrez plus de messages de notre part. Pour reprendre, répondez DEBUT.`,
};

const OPT_IN: Texts = {
  en: (sender) => `${sender}: thank you, you get our messages. Reply HELP for help or STOP to end them at any time.`,
  ar: (sender) => `${sender}: شكراً، ستصلك رسائلنا. أرسل مساعدة للمساعدة أو إيقاف لإيقافها في أي وقت.`,
  hi: (sender) => `${sender}: धन्यवाद, आपको हमारे संदेश मिलेंगे। सहायता के लिए मदद, बंद करने के लिए STOP लिखकर भेजें।`,
  es: (sender) => `${sender}: gracias, recibe nuestros mensajes. Responda AYUDA si necesita ayuda o STOP para darse de baja.`,
  fr: (sender) => `${sender} : merci, vous recevez nos messages. Répondez AIDE pour de l'aide ou STOP pour arrêter.`,
};

const HELP: Texts = {
  en: (sender) => `${sender}: somebody will read your message and answer. Reply STOP to get no more messages.`,
  ar: (sender) => `${sender}: سيقرأ أحدنا رسالتك ويرد عليك. لإيقاف الرسائل أرسل إيقاف.`,
  hi: (sender) => `${sender}: हम आपका संदेश पढ़कर उत्तर देंगे। संदेश बंद करने के लिए STOP लिखकर भेजें।`,
  es: (sender) => `${sender}: leeremos su mensaje y le responderemos. Responda STOP para no recibir mensajes.`,
  fr: (sender) => `${sender} : nous lirons votre message et vous répondrons. Répondez STOP pour ne plus recevoir de messages.`,
};

const TEXTS: Readonly<Record<AnswerKind, Texts>> = { OPT_OUT, OPT_IN, HELP };

/** In the first of the languages that there is one in; else in English. */
export function answerText(kind: AnswerKind, sender: string, languages: readonly (string | null)[]): { language: string; body: string } {
  const known = languages.flatMap((language) => language?.split('-')[0]?.toLowerCase() ?? []).find((base) => base in TEXTS[kind]);
  const language = known ?? 'en';
  return { language, body: TEXTS[kind][language]?.(sender) ?? '' };
}
