import { sql, type Kysely } from 'kysely';

export async function findKey(db: Kysely<unknown>, name: string): Promise<Buffer | null> {
  const { rows } = await sql<{ sealed: Buffer }>`select sealed from keyring where name = ${name}`.execute(db);
  return rows[0]?.sealed ?? null;
}

/** Of several who keep a key by the same name, the first wins. */
export async function keepKey(db: Kysely<unknown>, name: string, sealed: Buffer): Promise<void> {
  await sql`insert into keyring (name, sealed) values (${name}, ${sealed}) on conflict do nothing`.execute(db);
}

/** Whether anything has been stored that is found by its hash. */
export async function hasHashes(db: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from messages) or exists (select from idempotency_keys) or exists (select from contact_identities)
      or exists (select from suppressions) as found`.execute(db);
  return rows[0]?.found ?? false;
}
