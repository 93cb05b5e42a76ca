import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockBatches } from '../../src/messages/batch.queries.js';
import { applyChanges, lockMessages } from '../../src/messages/message-changes.js';
import type { MessageStatus } from '../../src/messages/message-status.js';
import { eventually } from '../support/eventually.js';
import { given, inSeconds } from '../support/given.js';
import { BATCH, onBatch, PROGRESS } from '../support/operations.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numbers } from '../support/upload.js';

/** Without a clock: what it does is done here. */
let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

const recipients = numbers(3).map((to) => ({ to }));
const scheduled = (): Promise<any> => given.batch(run.api, { recipients, sendAt: inSeconds(3600) });
const cancel = (id: string): Promise<unknown> => run.api.mutate(onBatch('cancelBatch'), { id });
const upkeep = (): Promise<void> => run.app.core.batches.upkeep();
const batchOf = async (id: string) => (await run.api.query(BATCH, { id })).batch;
const move = (id: string, status: MessageStatus): Promise<unknown> =>
  run.app.core.db.transaction(async (tx) => {
    const rows = await lockMessages(tx, [id]);
    await applyChanges(
      tx,
      rows.map((row) => ({ row, set: { status }, note: null })),
    );
  });

/** A cancelled batch that is over but for one message. */
async function ended(status: MessageStatus, closingMs = 0): Promise<{ id: string; messageId: string }> {
  const { id } = await scheduled();
  const messageId: string = (await batchOf(id)).messages.nodes[0].id;
  await move(messageId, status);
  await cancel(id);
  let walked: Promise<void> | undefined;
  await run.app.core.db.transaction(async (tx) => {
    await lockBatches(tx, [id]);
    walked = upkeep();
    await pause(closingMs);
  });
  await walked;
  const counts = expect.arrayContaining([{ status, count: 1 }]);
  expect(await batchOf(id)).toMatchObject({ status: 'CANCELLED', completedAt: expect.any(String), counts });
  return { id, messageId };
}

describe('a batch that is cancelled', () => {
  test('is not over while somebody else holds messages of it, and withdraws these afterwards', async () => {
    const { id } = await scheduled();
    const ids: string[] = (await batchOf(id)).messages.nodes.map((node: any) => node.id);
    await run.app.core.db.transaction(async (tx) => {
      await lockMessages(tx, ids.slice(1));
      await cancel(id);
      await upkeep();
      const { completedAt, counts } = await batchOf(id);
      expect(completedAt).toBeNull();
      expect(counts).toEqual(expect.arrayContaining([{ status: 'SCHEDULED', count: 2 }]));
    });
    await upkeep();
    expect(await batchOf(id)).toMatchObject({ completedAt: expect.any(String), counts: [{ status: 'CANCELLED', count: 3 }] });
  });

  test.each(['SENDING', 'UNCONFIRMED', 'SENT'] as const)('withdraws also what was %s and comes back after its end', async (status) => {
    const { id, messageId } = await ended(status);
    await move(messageId, 'QUEUED');
    await eventually(async () => {
      await upkeep();
      expect(await batchOf(id)).toMatchObject({ completedAt: expect.any(String), counts: [{ status: 'CANCELLED', count: 3 }] });
    }, 20_000);
  });

  test('rests where it takes long to look through it, before it is looked through once more', async () => {
    const { id, messageId } = await ended('SENT', 500);
    await move(messageId, 'QUEUED');
    await upkeep();
    expect(await batchOf(id)).toMatchObject({ completedAt: null, counts: expect.arrayContaining([{ status: 'QUEUED', count: 1 }]) });
    await eventually(async () => {
      await upkeep();
      expect(await batchOf(id)).toMatchObject({ completedAt: expect.any(String), counts: [{ status: 'CANCELLED', count: 3 }] });
    }, 20_000);
  });

  test('tells whoever watches when it is over', async () => {
    const { id } = await scheduled();
    await cancel(id);
    const progress = run.api.subscribe(PROGRESS, { id });
    expect((await progress.next()).batchProgress).toMatchObject({ status: 'CANCELLED', completedAt: null });
    // Until its messages have been told: they would bring the news as well.
    await pause(1_500);
    await upkeep();
    while ((await progress.next()).batchProgress.completedAt === null);
    await progress.close();
  });
});
