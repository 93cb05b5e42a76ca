/** What a person wants with a message. */
export const Intent = {
  OPT_OUT: 'OPT_OUT',
  OPT_IN: 'OPT_IN',
  HELP: 'HELP',
  CONFIRM: 'CONFIRM',
  CANCEL: 'CANCEL',
  OTHER: 'OTHER',
} as const;
export type Intent = (typeof Intent)[keyof typeof Intent];
