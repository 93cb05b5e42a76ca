import { sql, type Kysely } from 'kysely';

/** What providers have forgotten. */
export async function forgetOldRedactions(db: Kysely<unknown>): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from redactions where state = 'DONE' and ended_at < now() - interval '30 days'`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export async function forgetOldKeys(db: Kysely<unknown>): Promise<number> {
  const { numAffectedRows } = await sql`delete from idempotency_keys where created_at < now() - interval '30 days'`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
