import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliveredBefore, lockDue, readFacts } from '../../src/delivery/claim.queries.js';
import { besideUnanswered, messagesOf } from '../../src/delivery/provider-record.queries.js';
import {
  countForLookUp,
  lockAbandoned,
  lockAwaitingFallback,
  lockExpired,
  lockHeld,
  lockUnhinted,
  takeForLookUp,
} from '../../src/delivery/sweep.queries.js';
import { settleParked, takeParked } from '../../src/delivery/webhook-journal.queries.js';
import { closeCancelled, lockFirstHeld, lockNewestUnsent, lockUnsent } from '../../src/messages/batch.queries.js';
import { expectedCharges } from '../../src/messages/budget.queries.js';
import { listMessagesOf } from '../../src/messages/contact-messages.queries.js';
import { countTowardsCaps } from '../../src/messages/gate-facts.queries.js';
import { lockWaiting } from '../../src/messages/held-messages.js';
import { LogSnapshot } from '../../src/messages/log-snapshot.js';
import { applyChanges, lockMessages } from '../../src/messages/message-changes.js';
import { currentHorizon, eventsFrom, eventsSince, loggedSince } from '../../src/messages/message-feed.queries.js';
import {
  countMessages,
  eventsOfMessages,
  findMessages,
  findMessagesOfAllTenants,
  listMessages,
  matchingIds,
  type MessageFilter,
} from '../../src/messages/message.queries.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { idTime } from '../../src/platform/ids.js';
import { messagesAfter, trailsOf } from '../../src/statistics/recount.queries.js';
import { TENANT } from '../support/generated-months.js';
import { column, expectFewRead as expectFewReadOf, FEW, PlannedMonths, type Query } from '../support/planned-months.js';
import type { Plan, Planner } from '../support/plans.js';

const PAGE = { limit: 50, after: null, before: null, backwards: false };

let grown: PlannedMonths;
let planner: Planner;
let ids: string[];
let eventIds: string[];
let batchId: string;
let toHash: Buffer;
beforeAll(async () => {
  grown = await PlannedMonths.open();
  ({ planner, ids, eventIds, batchId, toHash } = grown);
}, 120_000);
afterAll(() => grown.stop());

const growing = (tables: string[]): string[] => grown.growing(tables);
const expectFewRead = (plan: Plan): void => expectFewReadOf(grown, plan);

/** Of messages that are neighbours of theirs. */
const standIns = async (tx: Transaction<unknown>): Promise<MessageRow[]> =>
  (await findMessages(tx, TENANT, ids)).map((row) => ({ ...row, fallbackOf: row.id }));

const now = new Date();

describe('a look-up by id', () => {
  test.each<[string, Query]>([
    ['of messages of a tenant', (tx) => findMessages(tx, TENANT, ids)],
    ['of messages of all tenants', (tx) => findMessagesOfAllTenants(tx, ids)],
    ['of messages to change', (tx) => lockMessages(tx, ids)],
    ['of messages to claim', (tx) => lockDue(tx, ids, now)],
    ['of parked receipts that are settled', (tx) => settleParked(tx, [{ id: eventIds[0] ?? '', state: 'APPLIED', messageId: null }])],
  ])('%s reads one month', async (_what, query) => {
    const plan = await planner.of(query);
    expectFewRead(plan);
    expect(growing(plan.tables)).toHaveLength(1);
  });

  test('of messages whose outcome is written reads one month of them', async () => {
    const plan = await planner.of(async (tx) => {
      const rows = await lockMessages(tx, ids);
      await applyChanges(
        tx,
        rows.map((row) => ({ row, set: { status: 'READ' as const }, note: { source: 'WEBHOOK' as const, at: now } })),
      );
    });
    expectFewRead(plan);
    expect(growing(plan.tables)).toEqual([expect.stringMatching(/^messages_\d/)]);
  });
});

describe('a list of messages', () => {
  test.each<[string, () => MessageFilter]>([
    ['all', () => ({})],
    ['by a status that many have', () => ({ status: ['DELIVERED'] })],
    ['by a status that few have', () => ({ status: ['UNCONFIRMED'] })],
    ['by the dead statuses', () => ({ status: ['FAILED', 'EXPIRED'] })],
    ['by a status that none has', () => ({ status: ['SUPPRESSED'] })],
    ['by number', () => ({ toHashes: [toHash] })],
    ['by batch', () => ({ batchId })],
    ['by batch and status', () => ({ batchId, status: ['FAILED'] })],
    ['by reference', () => ({ reference: 'ref-2' })],
    ['by several numbers', () => ({ toHashes: [toHash, Buffer.alloc(16)] })],
    ['by channel', () => ({ channel: ['WHATSAPP'] })],
    ['by time', () => ({ createdAfter: new Date(now.getTime() - 3_600_000), createdBefore: now })],
  ])('%s reads what it shows by an index', async (_what, filter) => {
    expectFewRead(await planner.of((tx) => listMessages(tx, TENANT, filter(), PAGE)));
    expectFewRead(await planner.of((tx) => listMessages(tx, TENANT, filter(), { ...PAGE, after: ids[0] ?? null })));
    expectFewRead(await planner.of((tx) => listMessages(tx, TENANT, filter(), { ...PAGE, before: ids[0] ?? null, backwards: true })));
  });

  test('by time reads only the months of that time', async () => {
    const filter = { createdAfter: new Date(now.getTime() - 60_000) };
    expect(growing((await planner.of((tx) => listMessages(tx, TENANT, filter, PAGE))).tables)).toHaveLength(1);
  });

  test('by batch is counted by an index', async () => {
    expectFewRead(await planner.of((tx) => countMessages(tx, TENANT, { batchId })));
  });

  test('of dead letters, to walk through, reads an index in order', async () => {
    expectFewRead(await planner.of((tx) => matchingIds(tx, TENANT, { status: ['FAILED'] }, ids[0] ?? null, 1000)));
  });
});

describe('a page of a person’s messages', () => {
  /** The next month, a few minutes old. */
  const BEGUN = `
    insert into messages (id, tenant_id, channel, category, lane, status, to_hash, max_attempts, due_at, created_at)
    select (substring(uuid_floor(date_trunc('month', now()) + interval '1 month')::text for 24) || lpad(n::text, 12, '0'))::uuid, '${TENANT}',
      'SMS', 'UTILITY', 'bulk', 'DELIVERED', decode(md5('few' || n % 3), 'hex'), 3, now(), now() from generate_series(1, 300) n`;

  test('is found by their addresses, also while a month has few messages, to few', async () => {
    for (const statement of [BEGUN, 'analyze messages']) await planner.run(statement);
    const known = [Buffer.alloc(16), toHash].map((hash) => ({ contactId: ids[0] ?? '', hash }));
    const plan = await planner.of((tx) => listMessagesOf(tx, TENANT, known, {}, { limit: 3, after: null }));
    expect(plan.indexes).toContain('messages_to');
    expect(plan.indexes.filter((name) => !/^messages_to$|_tenant_id_to_hash_id_idx$/.test(name))).toEqual([]);
  });
});

describe('a sweep', () => {
  const late = new Date(now.getTime() - 60 * 86_400_000);
  test.each<[string, Query, string]>([
    ['for messages to hint', (tx) => lockUnhinted(tx, { lane: 'otp', now: late, lostBefore: late, limit: 500 }), 'messages_hint_of_lane'],
    ['for expired messages', (tx) => lockExpired(tx, late, 500), 'messages_expiry'],
    ['for abandoned messages', (tx) => lockAbandoned(tx, late, 500), 'messages_lease_of_status'],
    ['for messages that await their fallback', (tx) => lockAwaitingFallback(tx, late, 500), 'messages_fallback'],
    ['for messages that a pause held back', (tx) => lockHeld(tx, 500), 'messages_held'],
    ['for messages to look up', (tx) => countForLookUp(tx, late, 500), 'messages_lease_of_status'],
    [
      'to ask about silent messages',
      (tx) => takeForLookUp(tx, { status: 'SENT', now: late, leaseUntil: late, limit: 500 }),
      'messages_lease_of_status',
    ],
    ['for the first that a pause held back of a batch', (tx) => lockFirstHeld(tx, batchId, 500), 'messages_held'],
    ['for parked receipts', (tx) => takeParked(tx, now, 500), 'webhook_journal_parked'],
  ])('%s reads the index that was made for it', async (_what, query, index) => {
    const plan = await planner.of(query);
    expectFewRead(plan);
    expect(plan.indexes).toContain(index);
  });

  const rowsRead = async (tx: Transaction<unknown>): Promise<number> =>
    Number((await column(tx, `select sum(idx_tup_fetch) as id from pg_stat_xact_user_tables where relname ~ '^messages_'`))[0]);

  test('for one-time codes to hint does not read through a campaign that falls due', async () => {
    await planner.of(async (tx) => {
      await sql`update messages set status = 'SCHEDULED', lane = 'bulk', hint_at = ${late}
        where id in (select id from messages where status = 'DELIVERED' limit 20000)`.execute(tx);
      const before = await rowsRead(tx);
      await lockUnhinted(tx, { lane: 'otp', now: late, lostBefore: late, limit: 500 });
      expect((await rowsRead(tx)) - before).toBeLessThan(FEW);
    });
  });

  test('for the abandoned and the unanswered does not read through the silent', async () => {
    await planner.of(async (tx) => {
      await sql`update messages set status = 'SENT', lease_until = ${late}
        where id in (select id from messages where status = 'DELIVERED' limit 20000)`.execute(tx);
      const before = await rowsRead(tx);
      await lockAbandoned(tx, late, 500);
      expect((await countForLookUp(tx, late, 500)).SENT).toBe(500);
      expect((await rowsRead(tx)) - before).toBeLessThan(FEW);
    });
  });
});

describe('the policy', () => {
  const person = { tenantId: TENANT, channel: 'SMS' as const, category: 'UTILITY' as const, topic: 'news' };
  const cap = { ...person, max: 5, perSeconds: 3_600, at: now, except: [] };
  const withdrawal = { tenantId: TENANT, channels: ['SMS' as const], categories: null, at: now, source: 'API' as const, detail: {} };

  test.each(['SMS', 'WHATSAPP'] as const)('looks each person up by indexes, by %s', async (channel) => {
    const hashes = Array.from({ length: 200 }, (_, n) => Buffer.from(`${n}`.padStart(16, '0')));
    const subjects = hashes.map((hash) => ({ ...person, channel, hash }));
    const plan = await planner.of((tx) => readFacts(tx, { subjects, tenantIds: [TENANT], batchIds: [batchId] }));
    expect(plan.wholeTables.filter((table) => /^(contact|consents|suppressions|preferences|conversations)/.test(table))).toEqual([]);
    expect(plan.indexes).toEqual(expect.arrayContaining(['suppressions_pkey', 'consents_pkey', 'preferences_pkey']));
  });

  test.each<[string, Query]>([
    ['messages that count towards a cap', (tx) => countTowardsCaps(tx, [{ ...cap, hash: toHash }], true)],
    ['messages that count when they are claimed', (tx) => countTowardsCaps(tx, [{ ...cap, hash: toHash }], false)],
    ['whom messages have reached that others stand in for', async (tx) => deliveredBefore(tx, await standIns(tx))],
    ['what is expected to be charged', (tx) => expectedCharges(tx, TENANT, new Date(now.getTime() - 31 * 86_400_000))],
    ['messages that wait for somebody who objects', (tx) => lockWaiting(tx, { ...withdrawal, addressHashes: [toHash] })],
  ])('finds %s by an index', async (_what, query) => expectFewRead(await planner.of(query)));
});

describe('receipts and the feed', () => {
  test.each<[string, Query]>([
    ['the message of a provider’s id', (tx) => messagesOf(tx, [{ provider: 'simulator', providerMessageId: 'S77' }])],
    ['what went unanswered to a number', async (tx) => besideUnanswered(tx, await findMessages(tx, TENANT, ids.slice(0, 3)), now)],
    ['unsent messages of a batch', (tx) => lockUnsent(tx, batchId, null, 500)],
    ['what is left of a cancelled batch', (tx) => closeCancelled(tx, batchId, now)],
    ['the newest unsent messages of a batch', (tx) => lockNewestUnsent(tx, batchId, 200)],
    ['events of messages', (tx) => eventsOfMessages(tx, TENANT, ids)],
    ['missed events', (tx) => eventsFrom(tx, eventIds)],
    ['trails of messages', (tx) => trailsOf(tx, ids)],
    ['messages to recount', (tx) => messagesAfter(tx, TENANT, { from: new Date(now.getTime() - 86_400_000), to: now }, null, 1000)],
  ])('%s are found by an index', async (_what, query) => expectFewRead(await planner.of(query)));

  test.each([{}, { replayedBelow: '900' }])(
    'events since a cursor (%j) are found by an index, from the month of the cursor on',
    async (replay) => {
      const cursor = { horizon: '3', eventId: eventIds[0] ?? '', ...replay };
      const snapshot = new LogSnapshot('1000:1000:');
      const plan = await planner.of((tx) => eventsSince(tx, TENANT, { cursor, snapshot, after: cursor.eventId, limit: 500 }));
      expectFewRead(plan);
      const months = growing(plan.tables).filter((table) => table.startsWith('message_events'));
      const [first] = months.toSorted();
      expect(first).toBe(`message_events_${idTime(cursor.eventId).toISOString().slice(0, 7).replace('-', '_')}`);
    },
  );

  test('the log of the last second is found by an index', async () => {
    const plan = await planner.of(async (tx) => {
      const until = await currentHorizon(tx);
      await loggedSince(tx, [TENANT], { from: until, until: String(BigInt(until) + 50n), limit: 50_000 });
    });
    expectFewRead(plan);
  });
});
