import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ReceiptApplier } from '../../src/delivery/apply-receipts.js';
import { Fallback } from '../../src/delivery/fallback.js';
import { IncomingIntake } from '../../src/delivery/incoming-intake.js';
import { OutcomeRecorder } from '../../src/delivery/record-outcomes.js';
import type { Receipt } from '../../src/delivery/provider.js';
import { WebhookIntake } from '../../src/delivery/webhook-intake.js';
import { newId } from '../../src/platform/ids.js';
import { MessageEraser } from '../../src/privacy/message-eraser.js';
import { TestProvider } from '../delivery/test-provider.js';
import { accepted, outcomeSettings, receipt, report } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

const OFF = { kind: 'UNREACHABLE' as const, retryable: true, code: '30003', message: 'The phone is off.' };

let store: TestStore;
let provider: TestProvider;
let applier: ReceiptApplier;
let intake: WebhookIntake;
let recorder: OutcomeRecorder;
let eraser: MessageEraser;
let id: string;
beforeAll(async () => {
  store = await openTestStore();
  const { db, acceptance, optOuts, sealer, told } = store;
  const fallback = new Fallback(acceptance, sealer);
  applier = new ReceiptApplier(db, fallback, optOuts, told, outcomeSettings());
  const nobody = { receive: async () => undefined };
  intake = new WebhookIntake(db, applier, sealer, new IncomingIntake(db, sealer, nobody, pino({ level: 'silent' }), 1));
  recorder = new OutcomeRecorder(db, fallback, optOuts, told, outcomeSettings());
  eraser = new MessageEraser(db, told, { canRedact: () => true });
});
afterAll(() => store.close());
beforeEach(async () => {
  await sql`truncate messages, message_events, webhook_journal, redactions`.execute(store.db.sql);
  provider = new TestProvider(store);
  id = (await store.accept()).id;
});

/** The provider takes it, under this id. */
async function send(providerMessageId: string): Promise<void> {
  await sql`update messages set due_at = now() - interval '1 second' where id = ${id}`.execute(store.db.sql);
  provider.send = async () => ({ providerMessageId });
  await provider.worker().dispatcher.run('otp', [id]);
}

const told = (attempt: number, providerMessageId: string, overrides: Partial<Receipt>): Promise<void> => {
  const receipts = [receipt({ messageId: id, attempt, providerMessageId, dedupeKey: newId(), ...overrides })];
  return intake.add({ provider: 'twilio', rawBody: '', receipts, incoming: [], receivedAt: new Date() });
};

async function forgotten(): Promise<string[]> {
  const { toHash } = await store.find(id);
  const open = { id: newId(), contactId: null, sealed: null, nextAt: null, messages: 0, inboundMessages: 0, finishedAt: null };
  const erasure = { ...open, tenantId: store.tenantId, addressHashes: [toHash], requestedAt: new Date() };
  while (await eraser.eraseSome(erasure, []));
  const { rows } = await sql<{ id: string }>`select provider || ' ' || provider_message_id as id from redactions order by 1`.execute(
    store.db.sql,
  );
  return rows.map((row) => row.id);
}

describe('An erasure asks the provider to forget what it has', () => {
  test('of an attempt that a receipt ended, and of the one after it', async () => {
    await send('SM1');
    await told(1, 'SM1', { status: 'FAILED', error: OFF });
    await send('SM2');
    await told(2, 'SM2', { status: 'DELIVERED' });
    expect((await store.find(id)).status).toBe('DELIVERED');
    expect(await forgotten()).toEqual(['twilio SM1', 'twilio SM2']);
  });

  test('of an attempt that a look-up ended', async () => {
    await send('SM1');
    await applier.apply([report({ messageId: id, status: 'FAILED', error: OFF }, { source: 'POLL', at: new Date() })]);
    await send('SM2');
    expect(await forgotten()).toEqual(['twilio SM1', 'twilio SM2']);
  });

  test('of every attempt, whichever was delivered in the end', async () => {
    await send('SM1');
    await told(1, 'SM1', { status: 'FAILED', error: OFF });
    await send('SM2');
    await told(1, 'SM1', { status: 'DELIVERED' });
    expect((await store.find(id)).providerMessageId).toBe('SM1');
    expect(await forgotten()).toEqual(['twilio SM1', 'twilio SM2']);
  });

  test('of an attempt whose answer came when it had been given up', async () => {
    await send('SM1');
    await applier.apply([report({ messageId: id, status: 'FAILED', error: OFF }, { source: 'POLL', at: new Date() })]);
    await send('SM2');
    await recorder.add(accepted(await store.find(id), { providerMessageId: 'SM0' }));
    expect(await forgotten()).toEqual(['twilio SM0', 'twilio SM1', 'twilio SM2']);
  });

  test('of an attempt that only a receipt has ever named', async () => {
    await send('SM1');
    await sql`update messages set status = 'QUEUED', provider_message_id = null where id = ${id}`.execute(store.db.sql);
    await send('SM2');
    await told(1, 'SM1', { status: 'FAILED', error: OFF });
    expect(await forgotten()).toEqual(['twilio SM1', 'twilio SM2']);
  });

  test('and of nothing else: a message that was sent once, or never, is asked about no more than once', async () => {
    await send('SM1');
    await told(1, 'SM1', { status: 'SENT' });
    await told(1, 'SM1', { status: 'DELIVERED' });
    const other = await store.accept({ toHash: Buffer.alloc(16, 7) });
    provider.send = async () => ({ providerMessageId: 'SM9' });
    await provider.worker().dispatcher.run('otp', [other.id]);
    expect(await forgotten()).toEqual(['twilio SM1']);
    expect(await forgotten()).toEqual(['twilio SM1']);
  });
});
