import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { otherRecords } from '../../src/delivery/provider-record.queries.js';
import { blankParked, parkedIncoming } from '../../src/delivery/webhook-journal.queries.js';
import {
  eraseEvents,
  eraseIncoming,
  eraseReceipts,
  isLeftToStop,
  isUnderWay,
  lockToErase,
  lockToStop,
} from '../../src/privacy/erased-messages.queries.js';
import { messagesTo, webhooksOf } from '../../src/privacy/export.queries.js';
import { countByKey, lockOlder, nextValues } from '../../src/privacy/key-rotation.queries.js';
import {
  deleteInbound,
  deleteMessages,
  deleteWebhooks,
  firstKept,
  lockEnded,
  nextWebhooks,
  quietOnes,
} from '../../src/privacy/retention.queries.js';
import { SEALED_COLUMNS } from '../../src/privacy/sealed-columns.js';
import { TENANT } from '../support/generated-months.js';
import { expectFewRead as expectFewReadOf, PlannedMonths, type Query } from '../support/planned-months.js';
import type { Plan, Planner } from '../support/plans.js';

let grown: PlannedMonths;
let planner: Planner;
let ids: string[];
let eventIds: string[];
let toHash: Buffer;
beforeAll(async () => {
  grown = await PlannedMonths.open();
  ({ planner, ids, eventIds, toHash } = grown);
}, 120_000);
afterAll(() => grown.stop());

const growing = (tables: string[]): string[] => grown.growing(tables);
const expectFewRead = (plan: Plan): void => expectFewReadOf(grown, plan);

const now = new Date();

describe('what a person may ask for', () => {
  const scope = () => ({ tenantId: TENANT, addressHashes: [toHash], before: now });
  const NEWEST = Buffer.alloc(4);
  const sealedMessages = SEALED_COLUMNS.filter(({ table }) => table === 'messages' || table === 'webhook_journal');

  test.each<[string, Query]>([
    ['messages to stop', (tx) => lockToStop(tx, scope(), 500)],
    ['messages that are left to stop', (tx) => isLeftToStop(tx, scope())],
    ['messages to erase', (tx) => lockToErase(tx, scope(), 500)],
    ['messages that are with a provider still', (tx) => isUnderWay(tx, scope())],
    ['events to erase', (tx) => eraseEvents(tx, TENANT, ids)],
    ['receipts to erase', (tx) => eraseReceipts(tx, ids)],
    ['what else providers have of messages to erase', (tx) => otherRecords(tx, TENANT, ids)],
    ['webhooks of the person to erase', (tx) => eraseIncoming(tx, ['SM1', 'SM2'])],
    ['what nobody has applied yet', (tx) => parkedIncoming(tx, now, eventIds[0] ?? '', 500)],
    ['one of it to erase', (tx) => blankParked(tx, eventIds[0] ?? '')],
    [
      'messages to export',
      (tx) => messagesTo(tx, TENANT, { contactIds: [], addressHashes: [toHash], formerHashes: [] }, { after: null, limit: 500 }),
    ],
    ['webhooks to export', (tx) => webhooksOf(tx, { messageIds: ids, incoming: ['SM1'] })],
  ])('%s are found by an index', async (_what, query) => expectFewRead(await planner.of(query)));

  test.each(sealedMessages)('a rotation walks $table by its key', async (sealed) => {
    expectFewRead(await planner.of((tx) => nextValues(tx, sealed, NEWEST, [ids[0] ?? ''], 200)));
    const some = ids.map((id) => [id]);
    expectFewRead(await planner.of((tx) => lockOlder(tx, sealed, NEWEST, some)));
    expect(growing((await planner.of((tx) => countByKey(tx, sealed, [ids[0] ?? ''], 500))).wholeTables)).toEqual([]);
  });
});

describe('what is kept no longer', () => {
  const lastWeek = new Date(now.getTime() - 7 * 86_400_000);
  const scope = { tenantId: TENANT, acceptedBefore: lastWeek, quietSince: lastWeek };

  test.each<[string, Query]>([
    ['the first message that is kept', (tx) => firstKept(tx, TENANT, lastWeek)],
    ['messages that have ended', (tx) => lockEnded(tx, scope, null, 500)],
    ['the next of them', (tx) => lockEnded(tx, scope, ids.toSorted()[0] ?? '', 500)],
    ['what has happened to them since', (tx) => quietOnes(tx, ids, lastWeek)],
    ['what goes with messages', (tx) => deleteMessages(tx, TENANT, ids)],
    ['what people wrote', (tx) => deleteInbound(tx, TENANT, now, 500)],
    ['webhooks of before', (tx) => nextWebhooks(tx, lastWeek, null, 500)],
    ['webhooks that belong to nothing', (tx) => deleteWebhooks(tx, eventIds)],
  ])('%s are found by an index', async (_what, query) => expectFewRead(await planner.of(query)));
});
