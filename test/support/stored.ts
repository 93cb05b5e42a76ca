import { sql } from 'kysely';
import type { TestApp } from './test-app.js';

/** What the program writes when it accepts, moves or hears of messages. */
const TABLES = ['messages', 'message_events', 'batches', 'idempotency_keys', 'webhook_journal'];

export async function rowsOf<T = Record<string, unknown>>({ app }: TestApp, statement: string): Promise<T[]> {
  return (await sql.raw<T>(statement).execute(app.core.db.sql)).rows;
}

/** Equal before and after: nothing was stored, queued or sent in between. */
export async function footprint(run: TestApp): Promise<Record<string, number>> {
  const counts = TABLES.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ');
  const [stored] = await rowsOf<Record<string, number>>(run, `select ${counts}`);
  const jobs = (await run.app.core.queues.figures()).reduce((sum, { waiting, delayed }) => sum + waiting + delayed, 0);
  return { ...stored, jobs, taken: run.simulator.takenTotal() };
}
