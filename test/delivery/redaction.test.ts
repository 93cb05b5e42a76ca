import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MessageProvider } from '../../src/delivery/provider.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import { Redactions } from '../../src/delivery/redaction.js';
import { requestRedactions } from '../../src/delivery/redaction.queries.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let redactions: Redactions;
/** Every request that came to the provider. */
let asked: string[];
/** How many redactions the workers were called to. */
let called: number[];
let obeys: boolean;

beforeAll(async () => void (store = await openTestStore()));
afterAll(() => store.close());
beforeEach(async () => {
  await sql`truncate redactions`.execute(store.db.sql);
  [asked, called, obeys] = [[], [], true];
  const redact = async (id: string): Promise<void> => {
    asked.push(id);
    if (!obeys) throw new Error('Not now.');
  };
  const provider = { name: 'twilio', channels: ['SMS'], redact } as unknown as MessageProvider;
  const queue = { callRedactions: async (due: number) => void called.push(due) };
  redactions = new Redactions(store.db, new ProviderDirectory([provider], {}), queue, { inc: () => undefined }, { timeoutMs: 2.01 * 1000 });
});

async function requested(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `SM${n}`);
  const messages = ids.map((providerMessageId) => ({ provider: 'twilio', providerMessageId }));
  await store.db.transaction((tx) => requestRedactions(tx, store.tenantId, messages, new Date()));
  return ids.toSorted();
}

async function stored(): Promise<Record<string, unknown>[]> {
  return (await sql<Record<string, unknown>>`select state, tries, count(*)::int from redactions group by 1, 2`.execute(store.db.sql)).rows;
}

test('workers are called to what is due, however often, and nothing changes by it', async () => {
  await requested(3);
  for (let n = 0; n < 3; n++) await redactions.call();
  expect(called).toEqual([3, 3, 3]);
  expect(await stored()).toEqual([{ state: 'PENDING', tries: 0, count: 3 }]);
});

test('each is asked for once, however many workers come to it', async () => {
  const ids = await requested(120);
  await Promise.all(Array.from({ length: 6 }, () => redactions.runDue()));
  expect(asked.toSorted()).toEqual(ids);
  expect(await stored()).toEqual([{ state: 'DONE', tries: 1, count: 120 }]);
});

test('what failed is counted once, and due again a minute later', async () => {
  obeys = false;
  await requested(3);
  await Promise.all([redactions.runDue(), redactions.runDue()]);
  await redactions.runDue();
  expect(await stored()).toEqual([{ state: 'PENDING', tries: 1, count: 3 }]);
  await sql`update redactions set next_at = next_at - interval '1 minute'`.execute(store.db.sql);
  await redactions.runDue();
  expect(asked).toHaveLength(6);
});
