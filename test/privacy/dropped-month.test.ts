import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { people } from '../support/contacts.js';
import { given } from '../support/given.js';
import { erase } from '../support/known-person.js';
import { placesOf } from '../support/personal-scan.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const [, DROP = ''] = /^To delete a month.*?^```sql$(.*?)^```$/ms.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
const THEN = '2026-01-31T23:59:59Z';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

/** Puts the message into the past; returns its id there. */
async function longAgo(id: string): Promise<string> {
  const { sql: db } = run.app.core.db;
  await sql`select ensure_partitions(${THEN}::date, ${THEN}::date)`.execute(db);
  const { rows } = await sql<{ id: string }>`
    update messages set id = (substring(uuid_floor(${THEN})::text for 14) || substring(id::text from 15))::uuid, created_at = ${THEN}
    where id = ${id} returning id`.execute(db);
  return rows[0]?.id ?? '';
}

test('a month that is deleted as the manual says leaves nothing in later ones, which no erasure and no night would find', async () => {
  const { db, intake } = run.app.core;
  await people.contact(run.api, { phone: '+14155550133' });
  const messageId = await longAgo((await given.delivered(run.api, { to: '+14155550133', body: 'Hello' })).id);
  const receipt = { messageId, attempt: 1, providerMessageId: 'SM1', status: 'READ', dedupeKey: 'SM1 read', error: null };
  const rawBody = 'MessageSid=SM1&MessageStatus=read&To=%2B14155550133';
  await intake.add({ provider: 'twilio', rawBody, receipts: [receipt as never], incoming: [], receivedAt: new Date() });
  expect(DROP.match(/messages_2026_01/g)).toHaveLength(3);
  await db.sql.connection().execute(async (connection) => {
    for (const statement of DROP.split(/;[^\n]*\n/)) if (statement.trim()) await sql.raw(statement).execute(connection);
  });
  for (const table of ['message_events', 'webhook_journal'])
    expect(await rowsOf(run, `select from ${table} where message_id = '${messageId}'`)).toEqual([]);
  await erase(run.api, { phone: '+14155550133' });
  expect(await placesOf(run, ['14155550133'])).toEqual([]);
});
