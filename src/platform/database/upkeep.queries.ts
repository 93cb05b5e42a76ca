import { sql, type Kysely } from 'kysely';

/** Makes the months up to three ahead, so that a clock that stood still for weeks loses nothing. Returns how many were made. */
export async function ensurePartitions(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ made: number }>`select ensure_partitions(now()::date, (now() + interval '3 months')::date) as made`.execute(
    db,
  );
  return rows[0]?.made ?? 0;
}

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
