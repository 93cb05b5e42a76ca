import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ReceiptApplier } from '../../src/delivery/apply-receipts.js';
import { Fallback } from '../../src/delivery/fallback.js';
import type { IncomingMessages, JournalledMessage } from '../../src/delivery/delivery.ports.js';
import { IncomingIntake } from '../../src/delivery/incoming-intake.js';
import type { IncomingMessage, Receipt } from '../../src/delivery/provider.js';
import { WebhookIntake } from '../../src/delivery/webhook-intake.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { outcomeSettings, receipt, sentRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let intake: WebhookIntake;
/** What becomes of incoming messages. */
let receive: IncomingMessages['receive'];
beforeAll(async () => {
  store = await openTestStore();
  const { db, acceptance, optOuts, sealer, told } = store;
  const applier = new ReceiptApplier(db, new Fallback(acceptance, sealer), optOuts, told, outcomeSettings());
  const receiver: IncomingMessages = { receive: (entry) => receive(entry) };
  intake = new WebhookIntake(db, applier, sealer, new IncomingIntake(db, sealer, receiver, pino({ level: 'silent' }), 2));
});
afterAll(() => store.close());
beforeEach(() => sql`truncate webhook_journal`.execute(store.db.sql));

const add = (receipts: Receipt[], incoming: IncomingMessage[] = [], receivedAt = new Date()): Promise<void> =>
  intake.add({ provider: 'twilio', rawBody: 'MessageSid=SM1&To=%2B14155550100', receipts, incoming, receivedAt });

const sent = (overrides: Partial<MessageRow> = {}): Promise<MessageRow> => {
  const { id: _id, tenantId: _tenant, sealed: _sealed, ...row } = sentRow({ providerMessageId: newId(), ...overrides });
  return store.accept(row);
};
const of = (row: MessageRow, overrides: Partial<Receipt> = {}): Receipt =>
  receipt({ messageId: row.id, providerMessageId: row.providerMessageId, ...overrides });

interface Entry {
  kind: string;
  state: string;
  messageId: string | null;
  sealed: Buffer;
  nextAttemptAt: Date | null;
}
const journal = async (): Promise<Entry[]> =>
  (
    await sql<Entry>`select kind, state, message_id as "messageId", sealed, next_attempt_at as "nextAttemptAt" from webhook_journal order by id`.execute(
      store.db.sql,
    )
  ).rows;

describe('a receipt', () => {
  test('moves its message on and is kept, unreadable in the database', async () => {
    const row = await sent();
    await add([of(row)]);
    expect((await store.find(row.id)).status).toBe('DELIVERED');
    const [entry] = await journal();
    expect(entry).toMatchObject({ kind: 'RECEIPT', state: 'APPLIED', messageId: row.id, nextAttemptAt: null });
    expect(entry?.sealed.toString('latin1')).not.toContain('4155550100');
  });

  test('finds its message by the provider’s id where ours did not ride along', async () => {
    const row = await sent();
    await add([of(row, { messageId: null })]);
    expect((await store.find(row.id)).status).toBe('DELIVERED');
  });

  test('does not find the message of another provider with the same id', async () => {
    const row = await sent({ provider: 'simulator' });
    await add([of(row, { messageId: null })]);
    expect([(await store.find(row.id)).status, (await journal())[0]?.state]).toEqual(['SENT', 'PARKED']);
  });

  test('comes in any number and order at once', async () => {
    const rows = await Promise.all(Array.from({ length: 50 }, () => sent()));
    const receipts = rows.flatMap((row) => [of(row, { status: 'READ' }), of(row, { status: 'SENT' }), of(row), of(row)]);
    await Promise.all(receipts.map((one) => add([one])));
    const statuses = await Promise.all(rows.map(async ({ id }) => (await store.find(id)).status));
    expect(new Set(statuses)).toEqual(new Set(['READ']));
    expect(await journal()).toHaveLength(200);
  });

  test('that fails and delivers in one webhook leaves the message delivered, and nobody takes over', async () => {
    const row = await sent({ fallbackChannels: ['WHATSAPP'] });
    await add([of(row, { status: 'FAILED' }), of(row)]);
    expect(await store.find(row.id)).toMatchObject({ status: 'DELIVERED', fallbackId: null });
  });

  test('whose word we do not know changes nothing', async () => {
    const row = await sent();
    await add([of(row, { status: null, providerStatus: 'sleeping' })]);
    expect(await store.find(row.id)).toEqual(row);
    expect((await journal())[0]).toMatchObject({ state: 'APPLIED', messageId: row.id });
  });
});

describe('a receipt of an unknown message', () => {
  const stranger = (overrides: Partial<Receipt> = {}): Receipt => receipt({ providerMessageId: 'SM-early', ...overrides });

  test('is parked, and applied once its message is known', async () => {
    await add([stranger()], [], new Date(Date.now() - 6_000));
    expect((await journal())[0]).toMatchObject({ state: 'PARKED', messageId: null });
    const row = await sent({ providerMessageId: 'SM-early' });
    expect(await intake.retryParked()).toBe(1);
    expect((await store.find(row.id)).status).toBe('DELIVERED');
    expect((await journal())[0]).toMatchObject({ state: 'APPLIED', messageId: row.id });
    expect(await intake.retryParked()).toBe(0);
  });

  test('is tried at ever longer intervals', async () => {
    await add([stranger({ providerMessageId: 'SM-never' })], [], new Date(Date.now() - 600_000));
    await intake.retryParked();
    const [entry] = await journal();
    expect(Math.round(((entry?.nextAttemptAt?.getTime() ?? 0) - Date.now()) / 60_000)).toBe(10);
  });

  test('is given up after a day', async () => {
    await add([stranger({ providerMessageId: 'SM-never' })], [], new Date(Date.now() - 25 * 3600_000));
    await intake.retryParked();
    expect((await journal())[0]?.state).toBe('UNKNOWN');
  });

  test('that cannot be opened does not hold up the others', async () => {
    const old = new Date(Date.now() - 6_000);
    await add([stranger({ providerMessageId: 'SM-lost' })], [], old);
    await sql`update webhook_journal set sealed = 'not sealed'`.execute(store.db.sql);
    await add([stranger({ providerMessageId: 'SM-next' })], [], old);
    const row = await sent({ providerMessageId: 'SM-next' });
    expect(await intake.retryParked()).toBe(2);
    expect((await store.find(row.id)).status).toBe('DELIVERED');
    expect((await journal()).map(({ state }) => state).toSorted()).toEqual(['APPLIED', 'UNKNOWN']);
  });

  test('is none when it says nothing of a status', async () => {
    await add([stranger({ status: null, providerMessageId: 'SM-never' })]);
    expect((await journal())[0]).toMatchObject({ state: 'IGNORED', nextAttemptAt: null });
  });
});

describe('an incoming message', () => {
  const stop: IncomingMessage = {
    channel: 'SMS',
    from: '+14155550100',
    to: '+14155550101',
    body: 'STOP',
    mediaUrls: [],
    providerMessageId: 'SM9',
  };
  const settled = async (entry: JournalledMessage): Promise<void> => void (await store.db.transaction((tx) => entry.settle(tx)));
  const overdue = (): Promise<unknown> =>
    sql`update webhook_journal set next_attempt_at = now() - interval '1 second'`.execute(store.db.sql);

  test('is in the journal before anybody applies it', async () => {
    const before: Entry[][] = [];
    receive = async (entry) => (before.push(await journal()), settled(entry));
    await add([], [stop]);
    await intake.idle();
    expect(before).toMatchObject([[{ kind: 'INCOMING', state: 'PARKED' }]]);
    expect(await journal()).toMatchObject([{ state: 'APPLIED' }]);
  });

  test('that nobody could apply has another turn', async () => {
    receive = () => Promise.reject(new Error('not now'));
    await add([], [stop]);
    await intake.idle();
    expect(await journal()).toMatchObject([{ state: 'PARKED' }]);
    const heard: unknown[] = [];
    receive = async (entry) => (heard.push(entry.message), settled(entry));
    await overdue();
    expect(await intake.retryParked()).toBe(1);
    expect(heard).toEqual([stop]);
    expect(await journal()).toMatchObject([{ state: 'APPLIED' }]);
  });

  test('of one sender waits for the one before it', async () => {
    const heard: (string | null)[] = [];
    receive = async (entry) => {
      await new Promise((resolve) => setTimeout(resolve, entry.message.body === 'first' ? 50 : 0));
      heard.push(entry.message.body);
      await settled(entry);
    };
    await add([], [{ ...stop, body: 'first' }]);
    await add([], [{ ...stop, body: 'second' }]);
    await intake.idle();
    expect(heard).toEqual(['first', 'second']);
  });

  describe('that waits for another', () => {
    let heard: (string | null)[];
    let go: () => void;
    beforeEach(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      [heard, go] = [[], resolve];
      receive = async (entry) => {
        heard.push(entry.message.body);
        if (entry.message.body === 'slow') await promise;
        await settled(entry);
      };
    });

    test('holds up nobody else whose turn has come again', async () => {
      receive = () => Promise.reject(new Error('not now'));
      await add([], [stop]);
      await intake.idle();
      await overdue();
      receive = async (entry) => (entry.message.body === 'slow' ? new Promise((resolve) => (go = resolve)) : settled(entry));
      await add([], [{ ...stop, from: '+14155550102', body: 'slow' }]);
      await sql`update webhook_journal set next_attempt_at = now() + interval '1 hour' where id = (select max(id::text)::uuid from webhook_journal)`.execute(
        store.db.sql,
      );
      expect(await intake.retryParked()).toBe(1);
      expect((await journal()).map(({ state }) => state)).toEqual(['APPLIED', 'PARKED']);
      go();
      await intake.idle();
    });

    test('is applied once, also when its turn comes again meanwhile', async () => {
      for (const body of ['slow', 'next']) await add([], [{ ...stop, body }]);
      await overdue();
      expect(await intake.retryParked()).toBe(2);
      go();
      await intake.idle();
      expect(heard).toEqual(['slow', 'next']);
    });

    test('stays in the journal alone when too many do', async () => {
      for (const body of ['slow', 'next', 'one too many']) await add([], [{ ...stop, body }]);
      go();
      await intake.idle();
      expect(heard).toEqual(['slow', 'next']);
      await overdue();
      await intake.retryParked();
      expect(heard).toEqual(['slow', 'next', 'one too many']);
    });
  });

  test('that cannot be opened is given up, and holds up nobody', async () => {
    receive = () => Promise.reject(new Error('not now'));
    await add([], [stop]);
    await intake.idle();
    await sql`update webhook_journal set sealed = 'not sealed', next_attempt_at = now() - interval '1 second'`.execute(store.db.sql);
    await intake.retryParked();
    expect(await journal()).toMatchObject([{ state: 'UNKNOWN' }]);
  });
});

test('one receipt that cannot be stored does not fail its neighbours', async () => {
  const row = await sent();
  const bad = of(row, { dedupeKey: 'a\0b' });
  const results = await Promise.allSettled([add([bad]), add([of(row)])]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect((await store.find(row.id)).status).toBe('DELIVERED');
});
