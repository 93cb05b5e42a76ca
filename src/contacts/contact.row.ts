import { sql, type RawBuilder } from 'kysely';
import { snakeCase } from '../platform/database/rows.js';
import type { Channel } from '../vocabulary.js';

/** A row of `contacts`. The name is inside `sealed`. */
export interface ContactRow {
  id: string;
  tenantId: string;
  /** The id in the caller's own system. */
  externalId: string | null;
  sealed: Buffer | null;
  language: string | null;
  timeZone: string | null;
  createdAt: Date;
  updatedAt: Date;
  erasedAt: Date | null;
}

/** A row of `contact_identities`: an address that the person is known by. The address itself is inside `sealed`. */
export interface IdentityRow {
  id: string;
  tenantId: string;
  contactId: string;
  /** What kind of address it is: numbers are SMS, also where they are reached by WhatsApp; WHATSAPP is a user id. */
  channel: Channel;
  /** The sender account that it is known to; '' where it is known to all. */
  scope: string;
  addressHash: Buffer;
  sealed: Buffer;
  /** When somebody last said that the person has it: of several, the latest counts. */
  namedAt: Date;
  /** When a message last came from it. */
  lastSeenAt: Date | null;
}

export const CONTACT_COLUMNS: Readonly<Record<keyof ContactRow, string>> = {
  id: 'uuid',
  tenantId: 'uuid',
  externalId: 'text',
  sealed: 'bytea',
  language: 'text',
  timeZone: 'text',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
  erasedAt: 'timestamptz',
};

export const IDENTITY_COLUMNS: Readonly<Record<keyof IdentityRow, string>> = {
  id: 'uuid',
  tenantId: 'uuid',
  contactId: 'uuid',
  channel: 'text',
  scope: 'text',
  addressHash: 'bytea',
  sealed: 'bytea',
  namedAt: 'timestamptz',
  lastSeenAt: 'timestamptz',
};

const selected = (alias: string, columns: object): RawBuilder<unknown> =>
  sql.raw(
    Object.keys(columns)
      .map((name) => `${alias}.${snakeCase(name)} as "${name}"`)
      .join(', '),
  );

export const contactColumns = selected('k', CONTACT_COLUMNS);
export const identityColumns = selected('i', IDENTITY_COLUMNS);

/** Each once: a user id that several accounts know is an identity for each of them. */
export function distinctHashes(identities: readonly Pick<IdentityRow, 'addressHash'>[]): Buffer[] {
  return [...new Map(identities.map(({ addressHash }) => [addressHash.toString('hex'), addressHash])).values()];
}
