import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsentWithdrawal } from '../../src/consent/consent-withdrawal.js';
import { takePlaces } from '../../src/consent/consent.queries.js';
import { WaitingMessages } from '../../src/messages/held-messages.js';
import { sealContent } from '../../src/messages/message-content.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { messageRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { TestProvider } from './test-provider.js';

const PEOPLE = 2_000;
/** To each of them. */
const MESSAGES = 3;
const GROUP = 40;

let store: TestStore;
let withdrawal: ConsentWithdrawal;
beforeAll(async () => {
  store = await openTestStore();
  withdrawal = new ConsentWithdrawal(store.sealer, store.index, new WaitingMessages(store.told));
});
afterAll(() => store.close());

const numbers = Array.from({ length: PEOPLE }, (_, index) => `+1415555${String(1000 + index)}`);
const shuffled = <T>(items: readonly T[]): T[] => items.toSorted(() => Math.random() - 0.5);

async function acceptAll(): Promise<Map<string, string>> {
  const { tenantId, sealer, index, acceptance } = store;
  const rows = numbers.flatMap((number) =>
    Array.from({ length: MESSAGES }, (): [string, MessageRow] => {
      const sealed = sealContent(sealer, tenantId, { to: number, from: null, body: 'Hello', mediaUrls: [] });
      return [number, messageRow({ tenantId, sealed, toHash: index.hash(tenantId, number) })];
    }),
  );
  await acceptance.accept({ rows: rows.map(([, row]) => row), checks: [], source: 'API', actor: null });
  return new Map(rows.map(([number, { id }]) => [id, number]));
}

/** Messages to the number that a claim took and committed: no claim commits while this transaction holds the number's place. */
async function claimedBy(tx: Transaction<unknown>, number: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select e.message_id as id from messages m join message_events e on e.message_id = m.id
    where m.tenant_id = ${store.tenantId} and m.to_hash = ${store.index.hash(store.tenantId, number)} and e.status = 'SENDING'`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Returns what had been claimed when the STOP was committed. */
async function stop(number: string): Promise<string[]> {
  const { tenantId, db } = store;
  const at = new Date();
  const addressHashes = [store.index.hash(tenantId, number)];
  const scope = { tenantId, addressHashes, channels: ['SMS' as const], source: 'KEYWORD' as const, at, by: 'CONTACT' as const };
  const done = await db.transaction(async (tx) => {
    await takePlaces(tx, tenantId, addressHashes);
    await withdrawal.block(tx, tenantId, addressHashes, [{ channel: 'SMS', category: '*' }], { source: 'KEYWORD', at });
    const publish = await withdrawal.stopMessages(tx, scope, null);
    return { publish, claimed: await claimedBy(tx, number) };
  });
  done.publish();
  return done.claimed;
}

const inParallel = async <T>(count: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const left = [...items];
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    }),
  );
};

describe(`${PEOPLE} people who say STOP while their messages go out`, () => {
  test('get nothing that was claimed after it, and nothing of theirs is left waiting', async () => {
    const numberOf = await acceptAll();
    const provider = new TestProvider(store);
    const claimed = new Map<string, string[]>();
    const ids = shuffled([...numberOf.keys()]);
    const groups = Array.from({ length: Math.ceil(ids.length / GROUP) }, (_, n) => ids.slice(n * GROUP, (n + 1) * GROUP));
    const workers = [1, 2, 3].map(() => provider.worker({ concurrency: GROUP }).dispatcher);
    await Promise.all([
      inParallel(3, groups, async (group) => void (await workers[groups.indexOf(group) % 3]?.run('bulk', group))),
      inParallel(3, shuffled(numbers), async (number) => void claimed.set(number, await stop(number))),
    ]);

    const asked = provider.asked.map(({ id }) => id);
    const tooLate = asked.filter((id) => !claimed.get(numberOf.get(id) ?? '')?.includes(id));
    expect(tooLate).toEqual([]);
    const { rows } = await sql<{ status: string; count: number }>`
      select status, count(*)::int as count from messages where tenant_id = ${store.tenantId} group by 1`.execute(store.db.sql);
    const counts = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    expect(counts).toEqual({ SENT: asked.length, SUPPRESSED: PEOPLE * MESSAGES - asked.length });
    // Or it would have proved nothing.
    expect(Math.min(counts['SENT'] ?? 0, counts['SUPPRESSED'] ?? 0)).toBeGreaterThan(100);
  }, 120_000);
});
