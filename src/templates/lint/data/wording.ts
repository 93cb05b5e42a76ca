/** A variable with one of these names carries the sender's name. */
export const SENDER_VARIABLES: ReadonlySet<string> = new Set([
  'sender',
  'senderName',
  'brand',
  'brandName',
  'business',
  'businessName',
  'clinicName',
  'company',
  'companyName',
  'organisation',
  'organization',
  'storeName',
]);

/** A variable with one of these names tells how to opt out. */
export const OPT_OUT_VARIABLE = /opt_?out|unsubscribe|preferences?_?(?:url|link)/i;

/** Ways to say how no more of it will come, in the languages that ship. Arabic is folded. */
export const OPT_OUT_WORDS = new RegExp(
  [
    '(?<!\\p{L})STOP(?!\\p{L})',
    '(?<!\\p{L})(?:unsubscribe|opt[ -]?out|alto|baja|darse de baja|désabonner|désinscrire|arret|arrêt)(?!\\p{L})',
    '(?:ال)?(?:ايقاف|الغاء)(?: (?:ال)?(?:رسائل|اشتراك))?',
    'बंद करें|बंद|सदस्यता समाप्त|रोकें',
  ].join('|'),
  'iu',
);
