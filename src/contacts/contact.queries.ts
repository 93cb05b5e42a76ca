import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { columnList, rowsOf } from '../platform/database/rows.js';
import type { Channel } from '../vocabulary.js';
import { CONTACT_COLUMNS, contactColumns, identityColumns, type ContactRow, type IdentityRow } from './contact.row.js';

/** An address as it is looked for. */
export interface AddressKey {
  hash: Buffer;
  scope: string;
}

/** Who has one of these addresses, or this external id. A merged contact has neither. */
export async function contactIdsOf(
  db: Kysely<unknown>,
  tenantId: string,
  { externalId, addresses }: { externalId: string | null; addresses: readonly AddressKey[] },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from contacts where tenant_id = ${tenantId} and external_id = ${externalId}
    union
    select i.contact_id from contact_identities i join ${rowsOf({ hash: 'bytea', scope: 'text' }, addresses, 'a')}
      on i.tenant_id = ${tenantId} and i.address_hash = a.hash and (i.scope = a.scope or '' in (i.scope, a.scope))
    order by 1`.execute(db);
  return rows.map(({ id }) => id);
}

/** In id order, so that two who lock the same contacts wait for each other instead of deadlocking. */
export async function lockContacts(tx: Transaction<unknown>, tenantId: string, ids: readonly string[]): Promise<ContactRow[]> {
  const { rows } = await sql<ContactRow>`
    select ${contactColumns} from contacts k
    where k.tenant_id = ${tenantId} and k.id = any(${ids}::uuid[]) and k.merged_into is null order by k.id for update`.execute(tx);
  return rows;
}

/** The contact with each of these ids, or the one that it was merged into, which has another id than the one asked for. */
export async function findContacts(
  db: Kysely<unknown>,
  tenantId: string,
  ids: readonly string[],
): Promise<(ContactRow & { askedId: string })[]> {
  const { rows } = await sql<ContactRow & { askedId: string }>`
    select ${contactColumns}, o.id as "askedId" from contacts o join contacts k on k.id = coalesce(o.merged_into, o.id)
    where o.tenant_id = ${tenantId} and k.tenant_id = ${tenantId} and k.merged_into is null and o.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

/** The contact, or the one that it has been merged into, locked. Null where there is none. */
export async function lockSurvivor(tx: Transaction<unknown>, tenantId: string, id: string): Promise<ContactRow | null> {
  const [contact] = await lockContacts(tx, tenantId, [id]);
  if (contact) return contact;
  const [survivor] = await findContacts(tx, tenantId, [id]);
  return survivor ? lockSurvivor(tx, tenantId, survivor.id) : null;
}

/** Of each contact, the address that was named last first. */
export async function identitiesOf(db: Kysely<unknown>, tenantId: string, contactIds: readonly string[]): Promise<IdentityRow[]> {
  const { rows } = await sql<IdentityRow>`
    select ${identityColumns} from contact_identities i
    where i.contact_id = any(${contactIds}::uuid[]) and i.tenant_id = ${tenantId}
    order by i.contact_id, i.named_at desc, i.id desc`.execute(db);
  return rows;
}

/** How many were new: less than there are rows where somebody has just taken an external id. */
export async function insertContacts(tx: Transaction<unknown>, contacts: readonly ContactRow[]): Promise<number> {
  const names = Object.keys(CONTACT_COLUMNS);
  const { rows } = await sql`
    insert into contacts (${columnList(names)}) select ${columnList(names)} from ${rowsOf<ContactRow>(CONTACT_COLUMNS, contacts, 'n')}
    on conflict do nothing returning id`.execute(tx);
  return rows.length;
}

/** False where somebody has just taken the external id. */
export async function updateContact(tx: Transaction<unknown>, row: ContactRow): Promise<boolean> {
  const { rows } = await sql`
    update contacts k set external_id = ${row.externalId}, sealed = ${row.sealed}, language = ${row.language},
      time_zone = ${row.timeZone}, updated_at = ${row.updatedAt}
    where k.tenant_id = ${row.tenantId} and k.id = ${row.id} and not exists (
      select from contacts o where o.tenant_id = ${row.tenantId} and o.external_id = ${row.externalId} and o.id <> ${row.id})
    returning k.id`.execute(tx);
  return rows.length === 1;
}

/** Gives external ids to those that have none. How many: less than there are where somebody has just named one. */
export async function nameContacts(
  tx: Transaction<unknown>,
  tenantId: string,
  named: readonly { id: string; externalId: string }[],
): Promise<number> {
  const { rows } = await sql`
    update contacts k set external_id = n.external_id, updated_at = now() from ${rowsOf({ id: 'uuid', externalId: 'text' }, named, 'n')}
    where k.tenant_id = ${tenantId} and k.id = n.id and k.external_id is null returning k.id`.execute(tx);
  return rows.length;
}

/** The addresses of `from` become those of `into`; `from` stays as a name for it. */
export async function mergeContact(tx: Transaction<unknown>, tenantId: string, from: string, into: string, at: Date): Promise<void> {
  await sql`update contact_identities set contact_id = ${into} where tenant_id = ${tenantId} and contact_id = ${from}`.execute(tx);
  await sql`
    update contacts set merged_into = ${into}, external_id = null, sealed = null, updated_at = ${at}
    where tenant_id = ${tenantId} and (id = ${from} or merged_into = ${from})`.execute(tx);
}

/** One way to name a contact, as it is looked for. */
export interface RefKey {
  position: number;
  id: string | null;
  externalId: string | null;
  addressHash: Buffer | null;
}

/** The contact of each reference, by its position; none for those that nobody has. */
export async function resolveRefs(
  db: Kysely<unknown>,
  tenantId: string,
  refs: readonly RefKey[],
): Promise<{ position: number; id: string }[]> {
  const columns = { position: 'int', id: 'uuid', externalId: 'text', addressHash: 'bytea' };
  const { rows } = await sql<{ position: number; id: string }>`
    with r as materialized (select * from ${rowsOf<RefKey>(columns, refs, 'given')})
    select r.position, coalesce(k.merged_into, k.id) as id from r join contacts k on k.tenant_id = ${tenantId} and k.id = r.id
    union
    select r.position, k.id from r join contacts k on k.tenant_id = ${tenantId} and k.external_id = r.external_id
    union
    select r.position, i.contact_id from r join contact_identities i on i.tenant_id = ${tenantId} and i.address_hash = r.address_hash`.execute(
    db,
  );
  return rows;
}

/** Who is named in a file, by an externalId or by an address; with their externalId, where they have one. */
export interface NamedContact {
  id: string;
  externalId: string | null;
  addressHash: Buffer | null;
  /** Of the address. */
  scope: string | null;
}

/** Everybody who is named by one of these, once for each name: by an address in whatever scope. */
export async function contactsNamed(
  db: Kysely<unknown>,
  tenantId: string,
  externalIds: readonly string[],
  addressHashes: readonly Buffer[],
): Promise<NamedContact[]> {
  const { rows } = await sql<NamedContact>`
    select k.id, k.external_id as "externalId", null::bytea as "addressHash", null as scope from contacts k
    where k.tenant_id = ${tenantId} and k.external_id = any(${externalIds}::text[])
    union all
    select k.id, k.external_id, i.address_hash, i.scope from contact_identities i join contacts k on k.id = i.contact_id
    where i.tenant_id = ${tenantId} and k.tenant_id = ${tenantId} and i.address_hash = any(${addressHashes}::bytea[])`.execute(db);
  return rows;
}

/** Whose the addresses are. */
export async function contactsOfHashes(
  db: Kysely<unknown>,
  tenantId: string,
  hashes: readonly Buffer[],
): Promise<(ContactRow & { addressHash: Buffer })[]> {
  const { rows } = await sql<ContactRow & { addressHash: Buffer }>`
    select ${contactColumns}, i.address_hash as "addressHash" from contact_identities i join contacts k on k.id = i.contact_id
    where i.tenant_id = ${tenantId} and k.tenant_id = ${tenantId} and i.address_hash = any(${hashes}::bytea[])`.execute(db);
  return rows;
}

/** All that is given must match. */
export interface ContactFilter {
  /** Hashes of what was typed, read as any kind of address, and the text itself for external ids. */
  search?: { hashes: Buffer[]; externalIds: string[] } | null;
  externalId?: string | null;
  phoneHashes?: Buffer[] | null;
  consent?: 'NONE' | 'PENDING' | 'GRANTED' | 'WITHDRAWN' | null;
  channel?: Channel | null;
}

const withAddress = (tenantId: string, hashes: Buffer[]): RawBuilder<unknown> => sql`k.id in (
  select i.contact_id from contact_identities i where i.tenant_id = ${tenantId} and i.address_hash = any(${hashes}::bytea[]))`;

const LIVE = sql`(c.expires_at is null or c.expires_at > now())`;

function consentCondition(tenantId: string, { consent, channel }: ContactFilter): RawBuilder<unknown> {
  const onChannel = channel ? sql`and c.channel = ${channel}` : sql``;
  if (consent === 'NONE')
    return sql`not exists (select from consents c where c.contact_id = k.id and c.tenant_id = ${tenantId} ${onChannel}
      and c.state <> 'NONE' and (c.state <> 'GRANTED' or ${LIVE}))`;
  const unexpired = consent === 'GRANTED' ? sql`and ${LIVE}` : sql``;
  return sql`k.id in (select c.contact_id from consents c where c.tenant_id = ${tenantId} and c.state = ${consent} ${onChannel} ${unexpired})`;
}

/** A number reaches by SMS and by WhatsApp. */
const REACHED: Record<Channel, Channel[]> = { SMS: ['SMS'], WHATSAPP: ['SMS', 'WHATSAPP'], EMAIL: ['EMAIL'] };

function conditionsOf(tenantId: string, filter: ContactFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [sql`k.tenant_id = ${tenantId}`, sql`k.merged_into is null`];
  const { search, externalId, phoneHashes, consent, channel } = filter;
  if (search)
    conditions.push(sql`k.id in (select o.id from contacts o where o.tenant_id = ${tenantId} and o.external_id = any(${search.externalIds}::text[])
      union all select i.contact_id from contact_identities i where i.tenant_id = ${tenantId} and i.address_hash = any(${search.hashes}::bytea[]))`);
  if (typeof externalId === 'string') conditions.push(sql`k.external_id = ${externalId}`);
  if (phoneHashes) conditions.push(withAddress(tenantId, phoneHashes));
  if (consent) conditions.push(consentCondition(tenantId, filter));
  else if (channel)
    conditions.push(sql`exists (select from contact_identities i where i.contact_id = k.id and i.tenant_id = ${tenantId}
      and i.channel = any(${REACHED[channel]}::text[]))`);
  return conditions;
}

const where = (conditions: RawBuilder<unknown>[]): RawBuilder<unknown> => sql`where ${sql.join(conditions, sql` and `)}`;

/** Newest first; up to `limit + 1` rows. */
export async function listContacts(
  db: Kysely<unknown>,
  tenantId: string,
  filter: ContactFilter,
  { limit, after }: { limit: number; after: string | null },
): Promise<ContactRow[]> {
  const conditions = conditionsOf(tenantId, filter);
  if (after) conditions.push(sql`k.id < ${after}::uuid`);
  const { rows } = await sql<ContactRow>`
    select ${contactColumns} from contacts k ${where(conditions)} order by k.id desc limit ${limit + 1}`.execute(db);
  return rows;
}

export async function countContacts(db: Kysely<unknown>, tenantId: string, filter: ContactFilter): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from contacts k ${where(conditionsOf(tenantId, filter))}`.execute(db);
  return rows[0]?.count ?? 0;
}
