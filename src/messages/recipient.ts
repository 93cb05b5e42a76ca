import type { Channel } from '../vocabulary.js';

/** Somebody to send to, by exactly one of `to`, `contactId` and `externalId`. */
export interface Recipient {
  to: string | null;
  contactId: string | null;
  externalId: string | null;
  /** For the template; null without any. */
  variables: Record<string, unknown> | null;
  reference: string | null;
  language: string | null;
}

export const NOBODY: Recipient = { to: null, contactId: null, externalId: null, variables: null, reference: null, language: null };

/** How somebody is named. */
export type RecipientField = 'to' | 'contactId' | 'externalId';

/** An address that a message can go to. */
export interface Destination {
  channel: Channel;
  /** E.164 number, email address or WhatsApp user id. */
  address: string;
  /** ISO 3166 alpha-2, or NO_COUNTRY; null where the address is no number. */
  country: string | null;
  /** Of the address. */
  hash: Buffer;
}

/** A recipient whose addresses are known. */
export interface Addressed {
  recipient: Recipient;
  field: RecipientField;
  /** At least one, in the order in which the channels are to be tried. */
  destinations: Destination[];
}
