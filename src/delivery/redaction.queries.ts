import { sql, type Kysely, type Transaction } from 'kysely';
import { rowsOf } from '../platform/database/rows.js';
import { newId } from '../platform/ids.js';

/** A row of `redactions`: what a provider is to be asked to forget. */
export interface RedactionRow {
  id: string;
  provider: string;
  providerMessageId: string;
  tries: number;
  requestedAt: Date;
}

interface NewRedaction {
  id: string;
  tenantId: string;
  provider: string;
  providerMessageId: string;
  nextAt: Date;
  requestedAt: Date;
}

const COLUMNS: Readonly<Record<keyof NewRedaction, string>> = {
  id: 'uuid',
  tenantId: 'uuid',
  provider: 'text',
  providerMessageId: 'text',
  nextAt: 'timestamptz',
  requestedAt: 'timestamptz',
};

/** Once for each message, however often it is asked for. */
export async function requestRedactions(
  tx: Transaction<unknown>,
  tenantId: string,
  messages: readonly { provider: string; providerMessageId: string }[],
  at: Date,
): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map((message) => ({ ...message, id: newId(), tenantId, nextAt: at, requestedAt: at }));
  await sql`
    insert into redactions (id, tenant_id, provider, provider_message_id, next_at, requested_at)
    select id, tenant_id, provider, provider_message_id, next_at, requested_at from ${rowsOf<NewRedaction>(COLUMNS, rows, 'n')}
    on conflict do nothing`.execute(tx);
}

/** Of all tenants; at most `limit`. */
export async function countDueRedactions(db: Kysely<unknown>, now: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ due: number }>`
    select count(*)::int as due from (select from redactions where state = 'PENDING' and next_at <= ${now} limit ${limit}) due`.execute(db);
  return rows[0]?.due ?? 0;
}

/** Takes those that are due, of all tenants: until `leaseUntil` nobody else does. */
export async function takeDueRedactions(
  db: Kysely<unknown>,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<RedactionRow[]> {
  const { rows } = await sql<RedactionRow>`
    with due as (
      select id from redactions where state = 'PENDING' and next_at <= ${now} order by next_at limit ${limit} for update skip locked)
    update redactions r set next_at = ${leaseUntil} from due where r.id = due.id
    returning r.id, r.provider, r.provider_message_id as "providerMessageId", r.tries, r.requested_at as "requestedAt"`.execute(db);
  return rows;
}

export interface RedactionResult {
  id: string;
  state: 'DONE' | 'PENDING' | 'GIVEN_UP';
  nextAt: Date;
  error: string | null;
}

const RESULT_COLUMNS: Readonly<Record<keyof RedactionResult, string>> = { id: 'uuid', state: 'text', nextAt: 'timestamptz', error: 'text' };

export async function recordRedactions(db: Kysely<unknown>, results: readonly RedactionResult[]): Promise<void> {
  if (results.length === 0) return;
  await sql`
    update redactions r set state = c.state, tries = r.tries + 1, next_at = c.next_at, error = c.error,
      ended_at = case when c.state = 'PENDING' then null else now() end
    from ${rowsOf<RedactionResult>(RESULT_COLUMNS, results, 'c')} where r.id = c.id and r.state = 'PENDING'`.execute(db);
}
