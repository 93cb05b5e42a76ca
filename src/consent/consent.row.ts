import type { Channel, MessageCategory } from '../vocabulary.js';

export const ConsentState = { NONE: 'NONE', PENDING: 'PENDING', GRANTED: 'GRANTED', WITHDRAWN: 'WITHDRAWN' } as const;
export type ConsentState = (typeof ConsentState)[keyof typeof ConsentState];

export const ConsentSource = {
  API: 'API',
  IMPORT: 'IMPORT',
  WEB_FORM: 'WEB_FORM',
  APP_SETTINGS: 'APP_SETTINGS',
  PAPER: 'PAPER',
  VERBAL: 'VERBAL',
  KEYWORD: 'KEYWORD',
  DOUBLE_OPT_IN: 'DOUBLE_OPT_IN',
  PROVIDER: 'PROVIDER',
} as const;
export type ConsentSource = (typeof ConsentSource)[keyof typeof ConsentSource];

/** A row of `consents`: how it is now. What was said of it stands in the event that made it so. */
export interface ConsentRow {
  contactId: string;
  tenantId: string;
  channel: Channel;
  category: MessageCategory;
  /** As it was recorded: a grant that has expired is still GRANTED here (see stateAt). */
  state: ConsentState;
  source: ConsentSource | null;
  eventId: string | null;
  updatedAt: Date;
  expiresAt: Date | null;
}

/** A row of `consent_events`: never changed, but that `sealed` may be encrypted again, or be erased. */
export interface ConsentEventRow {
  id: string;
  tenantId: string;
  contactId: string;
  /** From 1, for each contact. */
  sequence: number;
  channel: Channel;
  category: MessageCategory;
  fromState: ConsentState;
  toState: ConsentState;
  source: ConsentSource;
  /** Name of the key, or of the part of the program. */
  actor: string | null;
  at: Date;
  expiresAt: Date | null;
  sealed: Buffer | null;
  /** Of what is sealed, salted: it tells nothing once that is erased. */
  sealedDigest: Buffer;
  hash: Buffer;
}

export const CONSENT_COLUMNS: Readonly<Record<keyof ConsentRow, string>> = {
  contactId: 'uuid',
  tenantId: 'uuid',
  channel: 'text',
  category: 'text',
  state: 'text',
  source: 'text',
  eventId: 'uuid',
  updatedAt: 'timestamptz',
  expiresAt: 'timestamptz',
};

export const CONSENT_EVENT_COLUMNS: Readonly<Record<keyof ConsentEventRow, string>> = {
  id: 'uuid',
  tenantId: 'uuid',
  contactId: 'uuid',
  sequence: 'int',
  channel: 'text',
  category: 'text',
  fromState: 'text',
  toState: 'text',
  source: 'text',
  actor: 'text',
  at: 'timestamptz',
  expiresAt: 'timestamptz',
  sealed: 'bytea',
  sealedDigest: 'bytea',
  hash: 'bytea',
};

/** A grant that has expired counts as none. */
export const stateAt = ({ state, expiresAt }: Pick<ConsentRow, 'state' | 'expiresAt'>, now: Date): ConsentState =>
  state === 'GRANTED' && expiresAt !== null && expiresAt <= now ? 'NONE' : state;

/** What only the person, or the provider in the person's name, takes back. */
export const OWN_WORD: readonly ConsentSource[] = ['KEYWORD', 'PROVIDER'];
/** What a withdrawal becomes when the person is erased: from then on only they themselves can take it back. */
export const ERASURE = 'ERASURE';
export const isOwnWord = (source: ConsentSource | null): boolean => source !== null && OWN_WORD.includes(source);
