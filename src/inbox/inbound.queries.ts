import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import { LockSeed } from '../platform/database/advisory-locks.js';
import { columnList, rowsOf, snakeCase } from '../platform/database/rows.js';
import { idFloor } from '../platform/ids.js';
import { INBOUND_COLUMNS, type InboundReview, type InboundRow } from './inbound.row.js';

const selected = (alias: string, columns: object): RawBuilder<unknown> =>
  sql.raw(
    Object.keys(columns)
      .map((name) => `${alias}.${snakeCase(name)} as "${name}"`)
      .join(', '),
  );

const inboundColumns = selected('b', INBOUND_COLUMNS);

/** One message of an address at a time: each looks at those before it. */
export async function holdSenders(tx: Transaction<unknown>, tenantId: string, hashes: readonly Buffer[]): Promise<void> {
  const names = hashes.map((hash) => `${tenantId} ${hash.toString('hex')}`);
  await sql`
    select pg_advisory_xact_lock(place) from (
      select distinct hashtextextended(name, ${LockSeed.SENDER}) as place from unnest(${names}::text[]) name order by 1) p`.execute(tx);
}

/** What has come from an address before. */
export interface SenderHistory {
  isKnown: boolean;
  /** The person is being erased, with what had come until then. */
  isErased: boolean;
  /** Applied within the last minute, whenever they came: to wait must help. */
  applied: number;
  /** Automatic answers to what was applied within the last hour, whenever it came. */
  answered: number;
  /** The same words within the ten minutes before it came: it may be applied, or decided on, long after. */
  repeated: number;
  /** Who has said what they want there, in what was received later and has been applied already: the next owner of the address, too. */
  overtakenBy: string[];
}

export async function senderHistory(
  tx: Transaction<unknown>,
  message: Pick<InboundRow, 'tenantId' | 'channel' | 'provider' | 'providerMessageId' | 'receivedAt'> & {
    fromHash: Buffer;
    textHash: Buffer;
  },
): Promise<SenderHistory> {
  const { tenantId, channel, provider, providerMessageId, fromHash, textHash, receivedAt } = message;
  const aMinuteAgo = idFloor(new Date(Date.now() - 60_000));
  const anHourAgo = idFloor(new Date(Date.now() - 3_600_000));
  const { rows } = await sql<SenderHistory>`
    select
      exists (select from inbound_messages where provider = ${provider} and provider_message_id = ${providerMessageId}) as "isKnown",
      exists (
        select from erasures where finished_at is null and tenant_id = ${tenantId} and requested_at >= ${receivedAt}
          and ${fromHash} = any(address_hashes)) as "isErased",
      count(*) filter (where id >= ${aMinuteAgo}::uuid)::int as applied,
      count(*) filter (where answer = 'SENT' and id >= ${anHourAgo}::uuid)::int as answered,
      count(*) filter (where text_hash = ${textHash} and received_at < ${receivedAt}::timestamptz
        and received_at > ${receivedAt}::timestamptz - interval '10 minutes')::int as repeated,
      coalesce(array_agg(distinct contact_id) filter (where received_at > ${receivedAt} and intent in ('OPT_OUT', 'OPT_IN')), '{}')
        as "overtakenBy"
    from (
      select id, received_at, answer, text_hash, intent, contact_id from inbound_messages
      where tenant_id = ${tenantId} and from_hash = ${fromHash} and channel = ${channel}
        and (received_at > ${receivedAt}::timestamptz - interval '10 minutes' or id >= ${anHourAgo}::uuid)
      order by id desc limit 500) b`.execute(tx);
  return rows[0] ?? { isKnown: false, isErased: false, applied: 0, answered: 0, repeated: 0, overtakenBy: [] };
}

/** Whether the person has said START or YES on the channel since, from whatever address of theirs. */
export async function hasResumed(
  tx: Transaction<unknown>,
  { tenantId, contactId, channel, receivedAt }: Pick<InboundRow, 'tenantId' | 'contactId' | 'channel' | 'receivedAt'>,
): Promise<boolean> {
  const { rows } = await sql`
    select from inbound_messages where tenant_id = ${tenantId} and contact_id = ${contactId} and channel = ${channel}
      and received_at > ${receivedAt}::timestamptz and intent = 'OPT_IN' limit 1`.execute(tx);
  return rows.length > 0;
}

export async function insertInbound(tx: Transaction<unknown>, row: InboundRow): Promise<void> {
  const names = Object.keys(INBOUND_COLUMNS);
  await sql`insert into inbound_messages (${columnList(names)})
    select ${columnList(names)} from ${rowsOf<InboundRow>(INBOUND_COLUMNS, [row], 'n')}`.execute(tx);
}

export async function findInbound(db: Kysely<unknown>, tenantId: string, ids: readonly string[]): Promise<InboundRow[]> {
  const { rows } = await sql<InboundRow>`
    select ${inboundColumns} from inbound_messages b where b.tenant_id = ${tenantId} and b.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

/** The last message of the conversation that came from an address which its contact still has. */
export async function lastInboundOf(db: Kysely<unknown>, tenantId: string, conversationId: string): Promise<InboundRow | null> {
  const { rows } = await sql<InboundRow>`
    select ${inboundColumns} from inbound_messages b where b.tenant_id = ${tenantId} and b.conversation_id = ${conversationId}
      and exists (
        select from contact_identities i where i.tenant_id = ${tenantId} and i.contact_id = b.contact_id and i.address_hash = b.from_hash)
    order by b.received_at desc, b.id desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Newest first; up to `limit + 1` rows. */
export async function listInbound(
  db: Kysely<unknown>,
  tenantId: string,
  { reviewNeeded, limit, after }: { reviewNeeded: boolean | null; limit: number; after: string | null },
): Promise<InboundRow[]> {
  const among = reviewNeeded === null ? sql`` : reviewNeeded ? sql`and b.review = 'NEEDED'` : sql`and b.review is distinct from 'NEEDED'`;
  const before = after ? sql`and b.id < ${after}::uuid` : sql``;
  const { rows } = await sql<InboundRow>`
    select ${inboundColumns} from inbound_messages b where b.tenant_id = ${tenantId} ${among} ${before}
    order by b.id desc limit ${limit + 1}`.execute(db);
  return rows;
}

/** Null where there is none, or where somebody has decided already. */
export async function decideReview(
  tx: Transaction<unknown>,
  tenantId: string,
  id: string,
  review: Exclude<InboundReview, 'NEEDED'>,
): Promise<InboundRow | null> {
  const intent = review === 'OPT_OUT' ? sql`'OPT_OUT'` : sql`b.intent`;
  const { rows } = await sql<InboundRow>`
    update inbound_messages b set review = ${review}, intent = ${intent}
    where b.tenant_id = ${tenantId} and b.id = ${id} and b.review = 'NEEDED' returning ${inboundColumns}`.execute(tx);
  return rows[0] ?? null;
}

export async function noteAnswer(tx: Transaction<unknown>, tenantId: string, id: string, answer: InboundRow['answer']): Promise<void> {
  await sql`update inbound_messages set answer = ${answer} where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

/** Whether the address that the message came from is theirs still. */
export async function isStillTheirs(
  tx: Transaction<unknown>,
  { tenantId, contactId, fromHash }: Pick<InboundRow, 'tenantId' | 'contactId' | 'fromHash'>,
): Promise<boolean> {
  const { rows } = await sql`
    select from contact_identities where tenant_id = ${tenantId} and contact_id = ${contactId} and address_hash = ${fromHash} limit 1`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Whether the person's own word, or the provider's in their name, stops the channel already. */
export async function isStopped(
  tx: Transaction<unknown>,
  { tenantId, fromHash, channel }: Pick<InboundRow, 'tenantId' | 'fromHash' | 'channel'>,
): Promise<boolean> {
  const { rows } = await sql`
    select from suppressions where tenant_id = ${tenantId} and address_hash = ${fromHash} and channel = ${channel}
      and category = '*' and source in ('KEYWORD', 'PROVIDER') limit 1`.execute(tx);
  return rows.length > 0;
}
