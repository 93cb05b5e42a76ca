import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Lane } from '../../src/messages/lane.js';
import { Fallback } from '../../src/delivery/fallback.js';
import { Sweep } from '../../src/delivery/sweep.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { explain } from '../../src/messages/explanation.js';
import { newId } from '../../src/platform/ids.js';
import { messageRow, sendingRow, sentRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

const NOTHING = { expired: 0, due: 0, held: 0, abandoned: 0, fallenBack: 0 };
const NOBODY = { UNCONFIRMED: 0, SENT: 0 };
const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

let store: TestStore;
let sweep: Sweep;
let idleLanes: Lane[] | null;
beforeAll(async () => {
  store = await openTestStore();
  const { db, told, acceptance, sealer } = store;
  const queue = { hint: told.hint.bind(told), idleLanes: async () => idleLanes };
  sweep = new Sweep(db, queue, told, new Fallback(acceptance, sealer), told, { lookUpAfterMs: 60_000 });
});
afterAll(() => store.close());
beforeEach(async () => {
  idleLanes = ['otp', 'transactional', 'bulk'];
  await sql`truncate messages`.execute(store.db.sql);
});

/** Stores the row under an id of its own; its hint counts as not given. */
async function stored(made: MessageRow): Promise<MessageRow> {
  const { id: _id, tenantId: _tenant, sealed: _sealed, ...row } = made;
  const accepted = await store.accept(row);
  store.told.hinted.length = 0;
  store.told.lookUps.length = 0;
  return accepted;
}

async function batch(status: string): Promise<string> {
  const id = newId();
  await sql`insert into batches (id, tenant_id, name, status, channels, category) values (${id}, ${store.tenantId}, 'b', ${status}, '{SMS}', 'UTILITY')`.execute(
    store.db.sql,
  );
  return id;
}

describe('the sweep', () => {
  test('finds nothing to do in what goes its way', async () => {
    const later = new Date(Date.now() + 60_000);
    await stored(messageRow({ hintAt: later }));
    await stored(messageRow({ status: 'SCHEDULED', dueAt: later, hintAt: later, expiresAt: later }));
    await stored(sendingRow({ leaseUntil: later }));
    await stored(sentRow({ leaseUntil: later, fallbackAt: later }));
    await stored(sentRow({ status: 'DELIVERED', leaseUntil: null }));
    expect(await sweep.run()).toEqual(NOTHING);
    expect([store.told.hinted, store.told.lookUps]).toEqual([[], [NOBODY]]);
  });

  test('tells the queue of what is due: scheduled, to be tried again, and never brought', async () => {
    const rows = [
      await stored(messageRow({ status: 'SCHEDULED', dueAt: ago(1), hintAt: ago(1) })),
      await stored(messageRow({ dueAt: ago(1), hintAt: ago(1), attempts: 1 })),
      await stored(messageRow({ dueAt: ago(9), hintAt: ago(1) })),
    ];
    expect(await sweep.run()).toEqual({ ...NOTHING, due: 3 });
    expect(store.told.hinted.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    const now = await Promise.all(rows.map(({ id }) => store.find(id)));
    expect(now.map(({ status }) => status)).toEqual(['QUEUED', 'QUEUED', 'QUEUED']);
    expect(now.every(({ hintAt }) => hintAt && hintAt > new Date())).toBe(true);
    expect((await store.events(rows[0]?.id ?? '')).at(-1)).toMatchObject({
      status: 'QUEUED',
      previousStatus: 'SCHEDULED',
      source: 'SCHEDULER',
    });
    expect(await sweep.run()).toEqual(NOTHING);
  });

  test('does not tell again of what still stands in line, until it must be lost', async () => {
    const [waiting, lost] = [
      await stored(messageRow({ dueAt: ago(9), hintAt: ago(1) })),
      await stored(messageRow({ dueAt: ago(900), hintAt: ago(700) })),
    ];
    idleLanes = ['otp'];
    expect(await sweep.run()).toEqual({ ...NOTHING, due: 1 });
    expect(store.told.hinted).toEqual([lost.id]);
    expect((await store.find(waiting.id)).hintAt).toEqual(waiting.hintAt);
  });

  test('does not leave the reason at a message that it waited for, such as quiet hours, once they are over', async () => {
    const row = await stored(messageRow({ status: 'SCHEDULED', dueAt: ago(1), hintAt: ago(1), errorMessage: 'Quiet hours until 08:00.' }));
    await sweep.run();
    const now = await store.find(row.id);
    expect(now).toMatchObject({ status: 'QUEUED', errorMessage: null });
    expect(explain(now, []).summary).toBe('Waits for a worker, or for its provider to take messages again.');
  });

  test('leaves what is due as it is while the queue is away', async () => {
    const row = await stored(messageRow({ status: 'SCHEDULED', dueAt: ago(1), hintAt: ago(1) }));
    idleLanes = null;
    expect(await sweep.run()).toEqual(NOTHING);
    expect(await store.find(row.id)).toEqual(row);
  });

  test('ends what has outlived its validity before it was sent', async () => {
    const [queued, scheduled, sent] = [
      await stored(messageRow({ expiresAt: ago(1) })),
      await stored(messageRow({ status: 'SCHEDULED', expiresAt: ago(1), hintAt: new Date(Date.now() + 60_000) })),
      await stored(sentRow({ expiresAt: ago(1), leaseUntil: null })),
    ];
    expect(await sweep.run()).toEqual({ ...NOTHING, expired: 2 });
    const now = await Promise.all([queued, scheduled, sent].map(({ id }) => store.find(id)));
    expect(now.map(({ status, hintAt }) => [status, hintAt])).toEqual([
      ['EXPIRED', null],
      ['EXPIRED', null],
      ['SENT', null],
    ]);
  });

  test('takes what a dead worker held for perhaps sent', async () => {
    const row = await stored(sendingRow({ leaseUntil: ago(1) }));
    expect(await sweep.run()).toEqual({ ...NOTHING, abandoned: 1 });
    const now = await store.find(row.id);
    expect(now).toMatchObject({ status: 'UNCONFIRMED', attempts: 1, errorKind: 'TIMEOUT' });
    expect(Math.round(((now.leaseUntil?.getTime() ?? 0) - Date.now()) / 10_000)).toBe(6);
  });

  test('calls workers to what is silent, and leaves it to them', async () => {
    const rows = [await stored(sentRow({ leaseUntil: ago(1) })), await stored(sendingRow({ status: 'UNCONFIRMED', leaseUntil: ago(1) }))];
    for (let n = 0; n < 2; n++) expect(await sweep.run()).toEqual(NOTHING);
    expect(store.told.lookUps).toEqual(Array.from({ length: 2 }, () => ({ UNCONFIRMED: 1, SENT: 1 })));
    expect(await Promise.all(rows.map(({ id }) => store.find(id)))).toEqual(rows);
  });

  test.each([
    [sentRow({ leaseUntil: null }), 'WHATSAPP'],
    [sendingRow({ status: 'UNCONFIRMED', leaseUntil: null }), 'WHATSAPP'],
    [sentRow({ status: 'DELIVERED', leaseUntil: null }), null],
    [messageRow({ hintAt: new Date(Date.now() + 60_000) }), null],
  ])('lets the next channel take over what may not arrive, and nothing else (%#)', async (made, channel) => {
    const row = await stored({ ...made, fallbackChannels: ['WHATSAPP'], fallbackAfterSeconds: 5, fallbackAt: ago(1) });
    expect(await sweep.run()).toEqual({ ...NOTHING, fallenBack: 1 });
    const now = await store.find(row.id);
    expect(now).toMatchObject({ status: row.status, fallbackAt: null });
    expect(now.fallbackId && (await store.find(now.fallbackId)).channel).toBe(channel);
    expect(await sweep.run()).toEqual(NOTHING);
  });

  test('brings back what a pause has held, once the batch runs again', async () => {
    const [running, paused] = [await batch('RUNNING'), await batch('PAUSED')];
    const row = await stored(messageRow({ batchId: running, hintAt: null }));
    await stored(messageRow({ batchId: paused, hintAt: null }));
    expect(await sweep.run()).toEqual({ ...NOTHING, held: 1 });
    expect(store.told.hinted).toEqual([row.id]);
    expect(await sweep.run()).toEqual(NOTHING);
  });

  test('brings back what a pause has held before all that falls due is through, also what is resumed meanwhile', async () => {
    const { db, told, acceptance, sealer } = store;
    idleLanes = ['otp'];
    const rows = Array.from({ length: 4_500 }, () =>
      messageRow({ tenantId: store.tenantId, status: 'SCHEDULED', dueAt: ago(1), hintAt: ago(1) }),
    );
    await acceptance.accept({ rows, checks: [], source: 'API', actor: null });
    const [running, paused] = [await batch('RUNNING'), await batch('PAUSED')];
    const early = await stored(messageRow({ batchId: running, hintAt: null }));
    const late = await stored(messageRow({ batchId: paused, hintAt: null }));
    // Told so slowly that a second passes before the last page.
    const hint: typeof told.hint = async (hints) => {
      await sql`update batches set status = 'RUNNING' where id = ${paused}`.execute(db.sql);
      await new Promise((resolve) => setTimeout(resolve, 600));
      return told.hint(hints);
    };
    const slow = new Sweep(db, { hint, idleLanes: async () => idleLanes }, told, new Fallback(acceptance, sealer), told, {
      lookUpAfterMs: 1,
    });
    expect(await slow.run()).toEqual({ ...NOTHING, due: 4_500, held: 2 });
    const places = [early, late].map(({ id }) => told.hinted.indexOf(id));
    expect([places[0], (places[1] ?? 0) > 0, (places[1] ?? 0) <= 4_001]).toEqual([0, true, true]);
  }, 40_000);

  test('tells of a one-time code that is due before all of a campaign that fell due earlier', async () => {
    const campaign = Array.from({ length: 4_500 }, () =>
      messageRow({ tenantId: store.tenantId, lane: 'bulk', status: 'SCHEDULED', dueAt: ago(2), hintAt: ago(2) }),
    );
    await store.acceptance.accept({ rows: campaign, checks: [], source: 'API', actor: null });
    const retried = await stored(messageRow({ lane: 'transactional', dueAt: ago(1), hintAt: ago(1), attempts: 1 }));
    const code = await stored(messageRow({ lane: 'otp', dueAt: ago(1), hintAt: ago(1), attempts: 1 }));
    expect(await sweep.run()).toEqual({ ...NOTHING, due: 4_502 });
    expect(store.told.hinted.slice(0, 2)).toEqual([code.id, retried.id]);
    expect(new Set(store.told.hinted).size).toBe(4_502);
  });

  test('brings the oldest of a lane first', async () => {
    const rows = [];
    for (const seconds of [1, 3, 2])
      rows.push(await stored(messageRow({ lane: 'transactional', dueAt: ago(seconds), hintAt: ago(seconds) })));
    expect(await sweep.run()).toEqual({ ...NOTHING, due: 3 });
    expect(store.told.hinted).toEqual([rows[1]?.id, rows[2]?.id, rows[0]?.id]);
  });

  test('goes through any number of rows', async () => {
    const rows = Array.from({ length: 4_500 }, () => sendingRow({ tenantId: store.tenantId, leaseUntil: ago(1) }));
    await store.acceptance.accept({ rows, checks: [], source: 'API', actor: null });
    expect(await sweep.run()).toEqual({ ...NOTHING, abandoned: 4_500 });
  });

  test('does the rest when one part fails', async () => {
    await stored(sentRow({ leaseUntil: ago(1) }));
    const { db, told, acceptance, sealer } = store;
    const queue = { hint: told.hint.bind(told), idleLanes: () => Promise.reject(new Error('Redis answered nonsense')) };
    const broken = new Sweep(db, queue, told, new Fallback(acceptance, sealer), told, { lookUpAfterMs: 1 });
    await expect(broken.run()).rejects.toThrow('Redis answered nonsense');
    expect(told.lookUps).toEqual([{ UNCONFIRMED: 0, SENT: 1 }]);
  });
});
