import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENTITIES } from '../../src/app/build-accounts.js';
import { Fallback } from '../../src/delivery/fallback.js';
import { OutcomeRecorder } from '../../src/delivery/record-outcomes.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { Database } from '../../src/platform/database/database.js';
import type { Patience } from '../../src/platform/database/watchful-client.js';
import { accepted, failed, outcomeSettings, providerError, sendingRow } from '../support/builders.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let proxy: TcpProxy;
let db: Database;
let recorder: OutcomeRecorder;
beforeAll(async () => {
  store = await openTestStore();
  proxy = await startTcpProxy(store.url);
  db = await open(proxy.url);
  recorder = recorderOn(db);
});
afterAll(async () => {
  await db.close();
  await proxy.close();
  await store.close();
});

const open = (url: string, patience?: Patience): Promise<Database> =>
  Database.connect({ url, entities: ENTITIES, connections: 4, log: pino({ level: 'silent' }), ...(patience && { patience }) });

const recorderOn = (on: Database): OutcomeRecorder =>
  new OutcomeRecorder(on, new Fallback(store.acceptance, store.sealer), store.optOuts, store.told, outcomeSettings());

const sending = (overrides: Partial<MessageRow> = {}): Promise<MessageRow> => {
  const { id: _id, tenantId: _tenant, sealed: _sealed, ...row } = sendingRow(overrides);
  return store.accept(row);
};

describe('outcomes', () => {
  test('that come together are written together, each as its own', async () => {
    const [taken, refused, lost] = [await sending(), await sending(), await sending({ claims: 2 })];
    const lasting = providerError('INVALID_RECIPIENT', { retryable: false });
    await Promise.all([accepted(taken), failed(refused, lasting), accepted(lost)].map((one) => recorder.add(one)));
    const rows = await Promise.all([taken, refused, lost].map(({ id }) => store.find(id)));
    expect(rows.map(({ status }) => status)).toEqual(['SENT', 'FAILED', 'SENDING']);
    expect(store.told.published.slice(-2).map(({ event }) => event.status)).toEqual(['SENT', 'FAILED']);
  });

  test('of a message that has not moved since its claim are written without reading it again', async () => {
    const row = await sending();
    await recorder.add({ ...accepted(row), claimed: row });
    expect(await store.find(row.id)).toMatchObject({ status: 'SENT', toHash: row.toHash });
  });

  test('of a message that was claimed anew meanwhile change nothing', async () => {
    const row = await sending({ claims: 2 });
    const before = { ...row, claims: 1 };
    await recorder.add({ ...accepted(before), claimed: before });
    expect(await store.find(row.id)).toMatchObject({ status: 'SENDING', claims: 2, providerMessageId: null });
  });

  test('of messages that are gone are dropped', async () => {
    await expect(recorder.add(accepted(sendingRow()))).resolves.toBeUndefined();
  });

  test('wait for a database that is away', async () => {
    const rows = [await sending(), await sending()];
    proxy.shut();
    const recording = Promise.all(rows.map((row) => recorder.add(accepted(row))));
    await new Promise((resolve) => setTimeout(resolve, 500));
    proxy.open();
    await recording;
    expect((await Promise.all(rows.map(({ id }) => store.find(id)))).map(({ status }) => status)).toEqual(['SENT', 'SENT']);
  });

  test('wait for a database that answers nothing in time, together', async () => {
    const rows = [await sending(), await sending()];
    const impatient = await open(store.url, { connectMs: 1_000, statementMs: 200 });
    const recording = await store.db.transaction(async (tx) => {
      await sql`lock table messages in exclusive mode`.execute(tx);
      const both = Promise.all(rows.map((row) => recorderOn(impatient).add(accepted(row))));
      both.catch(() => undefined);
      await sql`select pg_sleep(0.7)`.execute(tx);
      return { both };
    });
    await recording.both;
    expect((await Promise.all(rows.map(({ id }) => store.find(id)))).map(({ status }) => status)).toEqual(['SENT', 'SENT']);
    await impatient.close();
  });

  test('are given up when the process ends while the database is away', async () => {
    const row = await sending();
    proxy.shut();
    const end = new AbortController();
    const recording = recorder.add(accepted(row), end.signal);
    setTimeout(() => end.abort(), 100);
    await expect(recording).rejects.toThrow();
    proxy.open();
    expect((await store.find(row.id)).status).toBe('SENDING');
  });
});
