import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageFilter, MessagePage } from '../../src/messages/message.queries.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { countByCensus, isCounted, isScattered, listScattered } from '../../src/messages/scattered-messages.js';
import { idFloor, newId } from '../../src/platform/ids.js';
import { census } from '../../src/statistics/census.js';
import { foldFigures } from '../../src/statistics/fold.queries.js';
import { StatisticsRun } from '../support/statistics-run.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOW = Date.now();
const ago = (minutes: number): Date => new Date(NOW - minutes * MINUTE_MS);

let run: StatisticsRun;
/** Newest first, as the lists have them. */
let all: MessageRow[];
beforeAll(async () => {
  run = await StatisticsRun.start();
  const first = await run.accept(...Array.from({ length: 200 }, (_, n) => message(n)));
  await foldFigures(run.db.sql);
  const unfolded = await run.accept(...Array.from({ length: 40 }, (_, n) => message(n + 200)));
  all = [...first, ...unfolded].toSorted((a, b) => (a.id < b.id ? 1 : -1));
});
afterAll(() => run.stop());

/** Close together at first, then hours and days apart; every sixth was accepted most of a minute before its id was made. */
function message(n: number): Partial<MessageRow> {
  const createdAt = ago(n < 120 ? n : 120 + (n - 120) ** 2);
  const made = new Date(createdAt.getTime() + (n % 6 === 0 ? 0.8 * MINUTE_MS : 0));
  return {
    id: idFloor(made).slice(0, 14) + newId().slice(14),
    createdAt,
    channel: n % 40 === 7 ? 'WHATSAPP' : 'SMS',
    category: n % 3 === 0 ? 'MARKETING' : 'UTILITY',
    provider: n % 50 === 9 ? 'twilio' : 'simulator',
    templateCode: n % 30 === 11 ? 'rare' : n % 2 === 0 ? 'common' : null,
    status: n % 60 === 13 ? 'READ' : 'DELIVERED',
  };
}

const FILTERS: [string, MessageFilter][] = [
  ['a rare channel', { channel: ['WHATSAPP'] }],
  ['a channel that nobody uses', { channel: ['EMAIL'] }],
  ['a category that many have', { category: ['UTILITY'] }],
  ['two categories', { category: ['UTILITY', 'MARKETING'] }],
  ['a rare provider', { provider: ['twilio'] }],
  ['a rare template', { templateCode: 'rare' }],
  ['a template of a channel', { templateCode: 'common', channel: ['SMS'] }],
  ['a status that few have', { status: ['READ'] }],
  ['a status that most have', { status: ['DELIVERED'] }],
  ['two statuses', { status: ['READ', 'FAILED'] }],
  ['a status of a category', { status: ['READ'], category: ['MARKETING'] }],
  ['a category in a time', { category: ['MARKETING'], createdAfter: ago(3_000), createdBefore: ago(50) }],
  ['no value at all', { provider: [] }],
];

const among = <T>(wanted: readonly T[] | null | undefined, value: T): boolean => !wanted || wanted.includes(value);

const matching = ({ channel, category, provider, templateCode, status, createdAfter, createdBefore }: MessageFilter): MessageRow[] =>
  all.filter(
    (row) =>
      among(channel, row.channel) &&
      among(category, row.category) &&
      among(provider, row.provider ?? '') &&
      among(status, row.status) &&
      (!templateCode || row.templateCode === templateCode) &&
      (!createdAfter || row.createdAt > createdAfter) &&
      (!createdBefore || row.createdAt < createdBefore),
  );

/** The ids of all pages, one after the other, in the order in which they were read. */
async function walk(filter: MessageFilter, limit: number, backwards: boolean): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const last = ids.at(-1) ?? null;
    const page: MessagePage = { limit, after: backwards ? null : last, before: backwards ? last : null, backwards };
    const rows = await listScattered(run.db.sql, census, run.tenantId, filter, page);
    ids.push(...rows.slice(0, limit).map(({ id }) => id));
    if (rows.length <= limit) return ids;
  }
}

describe.each(FILTERS)('a list of %s', (_what, filter) => {
  test('is looked for where the statistics have some', () => expect(isScattered(filter)).toBe(true));

  test.each([
    [3, false],
    [50, false],
    [3, true],
    [50, true],
  ])('has every message once, in pages of %i, backwards %s', async (limit, backwards) => {
    const ids = matching(filter).map(({ id }) => id);
    expect(await walk(filter, limit, backwards)).toEqual(backwards ? ids.toReversed() : ids);
  });
});

test.each(FILTERS.filter(([, filter]) => isCounted(filter)))('messages of %s are counted by the statistics', async (_what, filter) => {
  expect(await countByCensus(run.db.sql, census, run.tenantId, filter)).toBe(matching(filter).length);
});

test('all messages are counted by the statistics', async () => {
  expect(await countByCensus(run.db.sql, census, run.tenantId, {})).toBe(all.length);
});

test('a page is whole while another process has taken a part of the figures to fold', async () => {
  const own = await StatisticsRun.start();
  const { sql: db } = own.db;
  const afternoon = Math.floor(NOW / DAY_MS) * DAY_MS - DAY_MS / 2;
  const accept = (...minutes: number[]): Promise<MessageRow[]> =>
    own.accept(...minutes.map((n) => ({ createdAt: new Date(afternoon + n * MINUTE_MS), status: 'QUEUED' as const })));
  const waiting = await accept(0, 10, 20, 400);
  await foldFigures(db);
  const sent = await accept(...Array.from({ length: 20 }, () => 200));
  await db.transaction().execute(async (other) => {
    await sql`select from statistic_deltas for update`.execute(other);
    await own.change(new Map(sent.map(({ id }) => [id, { status: 'DELIVERED' }])));
    await foldFigures(db);
  });
  const page: MessagePage = { limit: 3, after: null, before: null, backwards: false };
  const found = await listScattered(db, census, own.tenantId, { status: ['QUEUED', 'SCHEDULED'] }, page);
  await own.stop();
  expect(found.map(({ id }) => id)).toEqual(waiting.map(({ id }) => id).toReversed());
});

test.each<[string, MessageFilter]>([
  ['a number', { toHashes: [Buffer.alloc(16)], channel: ['SMS'] }],
  ['a batch', { batchId: newId(), status: ['DELIVERED'] }],
  ['a topic', { topic: 'news', category: ['UTILITY'] }],
  ['an error', { errorKind: ['TIMEOUT'], provider: ['twilio'] }],
  ['a status that is rare', { status: ['FAILED'] }],
  ['nothing', {}],
])('what is found by %s is left to its index', (_what, filter) => expect(isScattered(filter)).toBe(false));

test('a tenant without messages has none', async () => {
  const page: MessagePage = { limit: 3, after: null, before: null, backwards: false };
  expect(await listScattered(run.db.sql, census, newId(), { channel: ['SMS'] }, page)).toEqual([]);
  expect(await countByCensus(run.db.sql, census, newId(), {})).toBe(0);
});
