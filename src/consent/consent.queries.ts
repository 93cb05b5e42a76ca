import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { columnList, rowsOf, snakeCase } from '../platform/database/rows.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import {
  CONSENT_COLUMNS,
  CONSENT_EVENT_COLUMNS,
  ERASURE,
  OWN_WORD,
  type ConsentEventRow,
  type ConsentRow,
  type ConsentSource,
} from './consent.row.js';

const selected = (alias: string, columns: object): RawBuilder<unknown> =>
  sql.raw(
    Object.keys(columns)
      .map((name) => `${alias}.${snakeCase(name)} as "${name}"`)
      .join(', '),
  );

const consentColumns = selected('c', CONSENT_COLUMNS);
const eventColumns = selected('e', CONSENT_EVENT_COLUMNS);

/** With what was said when it became so. */
export type StatedConsent = ConsentRow & { sealed: Buffer | null };

export async function consentsOf(db: Kysely<unknown>, tenantId: string, contactIds: readonly string[]): Promise<StatedConsent[]> {
  const { rows } = await sql<StatedConsent>`
    select ${consentColumns}, e.sealed from consents c left join consent_events e on e.id = c.event_id and e.tenant_id = ${tenantId}
    where c.contact_id = any(${contactIds}::uuid[]) and c.tenant_id = ${tenantId} order by c.contact_id, c.channel, c.category`.execute(db);
  return rows;
}

/** The last event of each contact's chain. */
export async function chainEnds(
  tx: Transaction<unknown>,
  tenantId: string,
  contactIds: readonly string[],
): Promise<Pick<ConsentEventRow, 'contactId' | 'sequence' | 'hash'>[]> {
  const { rows } = await sql<Pick<ConsentEventRow, 'contactId' | 'sequence' | 'hash'>>`
    select k.id as "contactId", e.sequence, e.hash from unnest(${contactIds}::uuid[]) as k (id) cross join lateral (
      select o.sequence, o.hash from consent_events o where o.contact_id = k.id and o.tenant_id = ${tenantId}
      order by o.sequence desc limit 1) e`.execute(tx);
  return rows;
}

/** `personId` is the contact that it is the history of, also where it was another's before they were merged. */
export type PersonEvent = ConsentEventRow & { personId: string };

/** Of the contacts and of those that were merged into them, oldest first. */
export async function historyOf(db: Kysely<unknown>, tenantId: string, contactIds: readonly string[]): Promise<PersonEvent[]> {
  const { rows } = await sql<PersonEvent>`
    select ${eventColumns}, coalesce(k.merged_into, k.id) as "personId" from contacts k join consent_events e on e.contact_id = k.id
    where k.tenant_id = ${tenantId} and e.tenant_id = ${tenantId} and k.id in (
      select id from contacts where tenant_id = ${tenantId} and id = any(${contactIds}::uuid[]) union all
      select id from contacts where tenant_id = ${tenantId} and merged_into = any(${contactIds}::uuid[]))
    order by e.id`.execute(db);
  return rows;
}

export async function insertConsentEvents(tx: Transaction<unknown>, events: readonly ConsentEventRow[]): Promise<void> {
  const names = Object.keys(CONSENT_EVENT_COLUMNS);
  await sql`insert into consent_events (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<ConsentEventRow>(CONSENT_EVENT_COLUMNS, events, 'n')}`.execute(tx);
}

/** One for each contact, channel and category at most. */
export async function writeConsents(tx: Transaction<unknown>, consents: readonly ConsentRow[]): Promise<void> {
  const names = Object.keys(CONSENT_COLUMNS);
  await sql`insert into consents (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<ConsentRow>(CONSENT_COLUMNS, consents, 'n')}
    on conflict (contact_id, channel, category) do update set state = excluded.state, source = excluded.source,
      event_id = excluded.event_id, updated_at = excluded.updated_at, expires_at = excluded.expires_at`.execute(tx);
}

export async function deleteConsents(tx: Transaction<unknown>, tenantId: string, contactId: string): Promise<void> {
  await sql`delete from consents where tenant_id = ${tenantId} and contact_id = ${contactId}`.execute(tx);
}

/**
 * Claims of messages to these addresses that have begun end first, and those that begin later see what this transaction does.
 * To be called first in it: what holds rows and then waits for a place would stop those who hold it.
 */
export async function takePlaces(tx: Transaction<unknown>, tenantId: string, addressHashes: readonly Buffer[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(place) from (
      select distinct address_place(${tenantId}::uuid, hash) as place from unnest(${addressHashes}::bytea[]) hash order by 1) p`.execute(
    tx,
  );
}

/** Those of every address of whoever is known by one of these, too. */
export async function takePlacesOfPeople(tx: Transaction<unknown>, tenantId: string, addressHashes: readonly Buffer[]): Promise<void> {
  const { rows } = await sql<{ hash: Buffer }>`
    select distinct o.address_hash as hash from contact_identities i join contact_identities o on o.contact_id = i.contact_id
    where i.tenant_id = ${tenantId} and o.tenant_id = ${tenantId} and i.address_hash = any(${addressHashes}::bytea[])`.execute(tx);
  await takePlaces(tx, tenantId, [...addressHashes, ...rows.map(({ hash }) => hash)]);
}

export interface SuppressionRow {
  tenantId: string;
  addressHash: Buffer;
  channel: Channel;
  category: MessageCategory | '*';
  source: ConsentSource;
  at: Date;
}

const SUPPRESSION_COLUMNS: Readonly<Record<keyof SuppressionRow, string>> = {
  tenantId: 'uuid',
  addressHash: 'bytea',
  channel: 'text',
  category: 'text',
  source: 'text',
  at: 'timestamptz',
};

/** One for each address, channel and category at most. The first stays, but that START must not take back what somebody else said too. */
export async function suppress(tx: Transaction<unknown>, rows: readonly SuppressionRow[]): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(SUPPRESSION_COLUMNS);
  await sql`insert into suppressions (${columnList(names)})
    select distinct ${columnList(names)} from ${rowsOf<SuppressionRow>(SUPPRESSION_COLUMNS, rows, 'n')}
    on conflict (tenant_id, address_hash, channel, category) do update set source = excluded.source, at = excluded.at
    where suppressions.source = any(${OWN_WORD}::text[]) and excluded.source <> all(${OWN_WORD}::text[])`.execute(tx);
}

/** Takes away what withdrawals set (`own` false), or what the person's own word set or takes back. Returns whether there was any. */
export async function liftSuppressions(
  tx: Transaction<unknown>,
  tenantId: string,
  addressHashes: readonly Buffer[],
  { channels, categories, own }: { channels: readonly Channel[]; categories: readonly MessageCategory[] | null; own: boolean },
): Promise<boolean> {
  const among = categories === null ? sql`` : sql`and category = any(${categories}::text[])`;
  const { rows } = await sql`
    delete from suppressions where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[])
      and channel = any(${channels}::text[]) ${among} and (source = any(${[...OWN_WORD, ERASURE]}::text[])) = ${own} returning channel`.execute(
    tx,
  );
  return rows.length > 0;
}

/**
 * What the person has withdrawn is kept by the hashes of the addresses alone, and from then on only their own word takes it
 * back: the contact that knew of it is about to be erased. The consents say nothing of addresses that came later.
 */
export async function keepOptOuts(
  tx: Transaction<unknown>,
  tenantId: string,
  contactIds: readonly string[],
  addressHashes: readonly Buffer[],
  at: Date,
): Promise<void> {
  await sql`
    insert into suppressions (tenant_id, address_hash, channel, category, source, at)
    select ${tenantId}::uuid, hash, c.channel, c.category, ${ERASURE}, ${at}::timestamptz
    from consents c cross join unnest(${addressHashes}::bytea[]) hash
    where c.tenant_id = ${tenantId} and c.contact_id = any(${contactIds}::uuid[]) and c.state = 'WITHDRAWN'
    on conflict do nothing`.execute(tx);
  await sql`
    update suppressions set source = ${ERASURE} where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[])
      and source <> all(${[...OWN_WORD, ERASURE]}::text[])`.execute(tx);
}

/** What must not be sent to these addresses. */
export async function suppressionsOf(
  db: Kysely<unknown>,
  tenantId: string,
  addressHashes: readonly Buffer[],
): Promise<Omit<SuppressionRow, 'tenantId' | 'at'>[]> {
  const { rows } = await sql<Omit<SuppressionRow, 'tenantId' | 'at'>>`
    select address_hash as "addressHash", channel, category, source from suppressions
    where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[])`.execute(db);
  return rows;
}

/** The next events of the whole table, contact by contact, for a check of all chains. */
export async function eventsAfter(
  db: Kysely<unknown>,
  tenantId: string,
  after: { contactId: string; sequence: number } | null,
  limit: number,
): Promise<ConsentEventRow[]> {
  const later = after ? sql`and (e.contact_id, e.sequence) > (${after.contactId}::uuid, ${after.sequence})` : sql``;
  const { rows } = await sql<ConsentEventRow>`
    select ${eventColumns} from consent_events e where e.tenant_id = ${tenantId} ${later}
    order by e.contact_id, e.sequence limit ${limit}`.execute(db);
  return rows;
}

/** Consents that are not as the last event of their history says, the first few. */
export async function strayedConsents(
  db: Kysely<unknown>,
  tenantId: string,
  limit: number,
): Promise<{ contactId: string; channel: Channel; category: MessageCategory; state: string | null; byEvents: string | null }[]> {
  const { rows } = await sql<{
    contactId: string;
    channel: Channel;
    category: MessageCategory;
    state: string | null;
    byEvents: string | null;
  }>`
    with last as (
      select distinct on (e.contact_id, e.channel, e.category) e.contact_id, e.channel, e.category, e.to_state, e.expires_at, e.id as event_id
      from consent_events e join contacts k on k.id = e.contact_id
      where e.tenant_id = ${tenantId} and k.tenant_id = ${tenantId} and k.merged_into is null
      order by e.contact_id, e.channel, e.category, e.sequence desc),
    now as (select contact_id, channel, category, state, expires_at, event_id from consents where tenant_id = ${tenantId})
    select coalesce(l.contact_id, n.contact_id) as "contactId", coalesce(l.channel, n.channel) as channel,
      coalesce(l.category, n.category) as category, n.state, l.to_state as "byEvents"
    from last l full join now n using (contact_id, channel, category)
    where n.state is distinct from l.to_state or n.expires_at is distinct from l.expires_at or n.event_id is distinct from l.event_id
    order by 1, 2, 3 limit ${limit}`.execute(db);
  return rows;
}

/** The contact is about to be merged: its consents, which tell where its chain ends, go, and nothing is added to the chain again. */
export async function keepChainEnd(tx: Transaction<unknown>, tenantId: string, contactId: string): Promise<void> {
  await sql`
    update contacts set chain_end_hash = (
      select hash from consent_events where tenant_id = ${tenantId} and contact_id = ${contactId} order by sequence desc limit 1)
    where tenant_id = ${tenantId} and id = ${contactId}`.execute(tx);
}

/** A merged contact whose chain does not end as it did when it was merged, the first by id. */
export async function shortenedChain(db: Kysely<unknown>, tenantId: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select k.id from contacts k where k.tenant_id = ${tenantId} and k.chain_end_hash is not null and k.chain_end_hash is distinct from (
      select e.hash from consent_events e where e.tenant_id = ${tenantId} and e.contact_id = k.id order by e.sequence desc limit 1)
    order by k.id limit 1`.execute(db);
  return rows[0]?.id;
}
