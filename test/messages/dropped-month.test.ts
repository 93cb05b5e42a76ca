import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countMessages, listMessages, type MessageFilter } from '../../src/messages/message.queries.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { countByCensus, listScattered } from '../../src/messages/scattered-messages.js';
import { idFloor, newId } from '../../src/platform/ids.js';
import { census } from '../../src/statistics/census.js';
import { foldFigures } from '../../src/statistics/fold.queries.js';
import { StatisticsRun } from '../support/statistics-run.js';

const MINUTE_MS = 60_000;
const now = new Date();
/** The month before begins here, and the one before that ends. */
const CUT = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1);
const DROPPED = new Date(CUT - 1).toISOString().slice(0, 7).replace('-', '_');

/** Accepted so many minutes after the cut, with the id of another minute. */
const message = (accepted: number, made = accepted, more: Partial<MessageRow> = {}): Partial<MessageRow> => ({
  id: idFloor(new Date(CUT + made * MINUTE_MS)).slice(0, 14) + newId().slice(14),
  createdAt: new Date(CUT + accepted * MINUTE_MS),
  status: 'DELIVERED',
  ...more,
});

let run: StatisticsRun;
beforeAll(async () => {
  run = await StatisticsRun.start();
  await sql`select ensure_partitions(${new Date(CUT - MINUTE_MS)}::date, ${now}::date)`.execute(run.db.sql);
  await run.accept(message(-20 * 24 * 60), message(-900), message(-30), message(-2), message(-1, -0.5, { channel: 'WHATSAPP' }));
  await foldFigures(run.db.sql);
  // Of a large send at midnight, which has one time and many ids, those behind the cut stay.
  await run.accept(message(-0.4, -0.1), message(-0.4, 0.5), message(-0.4, 0.59, { channel: 'WHATSAPP' }), message(1), message(7_000));
});
afterAll(() => run.stop());

const FILTERS: [string, MessageFilter, number][] = [
  ['all', {}, 4],
  ['of a channel', { channel: ['SMS'] }, 3],
  ['of a status', { status: ['DELIVERED'] }, 4],
  ['of a status that none has', { status: ['READ'] }, 0],
];

test('with a month dropped, messages are counted as the list has them', async () => {
  const counted = (filter: MessageFilter): Promise<number> => countByCensus(run.db.sql, census, run.tenantId, filter);
  expect(await counted({})).toBe(10);
  await sql`drop table ${sql.table(`messages_${DROPPED}`)}`.execute(run.db.sql);
  for (const [name, filter, count] of FILTERS) {
    expect([name, await countMessages(run.db.sql, run.tenantId, filter)]).toEqual([name, count]);
    expect([name, await counted(filter)]).toEqual([name, count]);
  }
});

test('where an older month is still there, lists and counts go on behind the one that was dropped', async () => {
  const { db, tenantId } = run;
  const [older, dropped] = [5, 4].map((back) => (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back) - CUT) / MINUTE_MS + 7_000);
  await sql`select ensure_partitions(${new Date(CUT + older! * MINUTE_MS)}::date, ${new Date(CUT + dropped! * MINUTE_MS)}::date)`.execute(
    db.sql,
  );
  await run.accept(message(older!), message(older! + 90), ...Array.from({ length: 60 }, (_, n) => message(dropped! + 60 * n)));
  await foldFigures(db.sql);
  const name = new Date(CUT + dropped! * MINUTE_MS).toISOString().slice(0, 7).replace('-', '_');
  await sql`drop table ${sql.table(`messages_${name}`)}`.execute(db.sql);
  const page = { limit: 50, after: null, before: null, backwards: false };
  for (const filter of [{}, { status: ['DELIVERED' as const] }]) {
    const all = await listMessages(db.sql, tenantId, filter, page);
    expect(await listScattered(db.sql, census, tenantId, filter, page)).toEqual(all);
    expect(await countByCensus(db.sql, census, tenantId, filter)).toBe(all.length);
  }
});
