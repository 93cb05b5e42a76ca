import { sql, type Kysely } from 'kysely';
import type { Channel } from '../vocabulary.js';
import { messageColumns, type MessageRow } from '../messages/message.row.js';

/** Rows after this one; null for the first page. */
export interface PageOf {
  after: string | null;
  limit: number;
}

const LOWEST = '00000000-0000-0000-0000-000000000000';

/** Whose messages are asked for: of a contact with those that were merged into it, or of an address that no contact has. */
export interface Addressee {
  contactIds: readonly string[];
  /** That are theirs now. */
  addressHashes: readonly Buffer[];
  /** That were theirs. */
  formerHashes: readonly Buffer[];
}

/** To the addresses while they were theirs, oldest first. What went to a number that has changed hands is of who had it then. */
export async function messagesTo(
  db: Kysely<unknown>,
  tenantId: string,
  { contactIds, addressHashes, formerHashes }: Addressee,
  { after, limit }: PageOf,
): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.tenant_id = ${tenantId} and m.to_hash = any(${[...addressHashes, ...formerHashes]}::bytea[]) and m.id > ${after ?? LOWEST}::uuid
      and coalesce(
        (select f.contact_id = any(${contactIds}::uuid[])
         from former_addresses f cross join unnest(f.removed_before || f.removed_at) as theirs (until)
         where f.tenant_id = m.tenant_id and f.address_hash = m.to_hash and theirs.until >= m.created_at order by theirs.until limit 1),
        m.to_hash = any(${addressHashes}::bytea[]))
    order by m.id limit ${limit}`.execute(db);
  return rows;
}

export interface HeldInbound {
  id: string;
  channel: Channel;
  provider: string;
  providerMessageId: string;
  intent: string;
  conversationId: string;
  receivedAt: Date;
  sealed: Buffer | null;
}

/**
 * What the person has written, oldest first: by address only where nobody has it, and then not what came while somebody had it, which
 * is theirs still.
 */
export async function inboundFrom(
  db: Kysely<unknown>,
  tenantId: string,
  { contactIds, addressHashes }: { contactIds: readonly string[]; addressHashes: readonly Buffer[] },
  { after, limit }: PageOf,
): Promise<HeldInbound[]> {
  const isTheirs =
    contactIds.length > 0
      ? sql`b.contact_id = any(${contactIds}::uuid[])`
      : sql`b.from_hash = any(${addressHashes}::bytea[]) and not exists (
          select from former_addresses f
          where f.tenant_id = b.tenant_id and f.address_hash = b.from_hash and f.removed_at >= b.received_at)`;
  const { rows } = await sql<HeldInbound>`
    select b.id, b.channel, b.provider, b.provider_message_id as "providerMessageId", b.intent, b.conversation_id as "conversationId",
      b.received_at as "receivedAt", b.sealed
    from inbound_messages b where b.tenant_id = ${tenantId} and ${isTheirs} and b.id > ${after ?? LOWEST}::uuid
    order by b.id limit ${limit}`.execute(db);
  return rows;
}

export interface HeldWebhook {
  provider: string;
  kind: string;
  messageId: string | null;
  providerMessageId: string | null;
  receivedAt: Date;
  sealed: Buffer;
}

/** What providers reported of these messages, or handed on from the person. */
export async function webhooksOf(
  db: Kysely<unknown>,
  { messageIds, incoming }: { messageIds: readonly string[]; incoming: readonly string[] },
): Promise<HeldWebhook[]> {
  const { rows } = await sql<HeldWebhook>`
    select provider, kind, message_id as "messageId", provider_message_id as "providerMessageId", received_at as "receivedAt", sealed
    from webhook_journal where message_id = any(${messageIds}::uuid[]) and sealed is not null
    union all
    select provider, kind, message_id, provider_message_id, received_at, sealed
    from webhook_journal where kind = 'INCOMING' and provider_message_id = any(${incoming}::text[]) and sealed is not null`.execute(db);
  return rows;
}

/** Rows that stand by themselves, as objects in the names of the API. */
export async function furtherRecords(
  db: Kysely<unknown>,
  tenantId: string,
  { contactIds, addressHashes }: { contactIds: readonly string[]; addressHashes: readonly Buffer[] },
): Promise<Record<'optIns' | 'conversations' | 'suppressions' | 'answerWindows' | 'auditEntries', Record<string, unknown>[]>> {
  const subjects = contactIds.map((id) => `contact:${id}`);
  const ask = async (statement: ReturnType<typeof sql>): Promise<Record<string, unknown>[]> =>
    (await (statement as ReturnType<typeof sql<Record<string, unknown>>>).execute(db)).rows;
  return {
    optIns: await ask(sql`
      select channel, categories, sealed, created_at as "askedAt", expires_at as "expiresAt", answered_at as "answeredAt"
      from opt_in_requests where tenant_id = ${tenantId} and contact_id = any(${contactIds}::uuid[]) order by id`),
    conversations: await ask(sql`
      select id, channel, state, assignee, unread_count as "unreadCount", last_activity_at as "lastActivityAt",
        session_expires_at as "sessionExpiresAt", created_at as "createdAt"
      from conversations where tenant_id = ${tenantId} and contact_id = any(${contactIds}::uuid[]) order by id`),
    suppressions: await ask(sql`
      select channel, category, source, at from suppressions
      where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[]) order by channel, category`),
    answerWindows: await ask(sql`
      select channel, subject, opens_at as "opensAt", closes_at as "closesAt", answered_at as "answeredAt"
      from answer_windows where tenant_id = ${tenantId} and address_hash = any(${addressHashes}::bytea[]) order by id`),
    auditEntries: await ask(sql`
      select at, actor, action, subject, detail from audit_entries
      where tenant_id = ${tenantId} and subject = any(${subjects}::text[]) order by id`),
  };
}
