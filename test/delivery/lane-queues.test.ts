import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LaneQueues, type DispatchJob } from '../../src/delivery/jobs/lane-queues.js';
import type { Lane } from '../../src/messages/lane.js';
import { MessageQueue } from '../support/message-queue.js';
import { testRedis } from '../support/test-database.js';

let redis: ReturnType<typeof testRedis>;
let queues: LaneQueues;
beforeEach(async () => {
  redis = testRedis();
  queues = new LaneQueues(redis.url, redis.prefix, pino({ level: 'silent' }));
  await vi.waitFor(() => queues.ping());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await queues.close();
});

const hint = (tenantId: string, lane: Lane, ...messageIds: string[]) => ({ tenantId, lane, messageIds });

const jobsOf = async (lane: Lane): Promise<DispatchJob[]> => {
  const queue = queues.all().find(({ name }) => name === lane);
  return ((await queue?.getJobs('prioritized')) ?? []).map(({ data }) => data as DispatchJob);
};

/** The jobs of a lane, in the order in which they are worked off one after the other. */
async function workedOff(lane: string, count: number): Promise<string[]> {
  const jobs = new MessageQueue<string>();
  const work = async ({ data }: { data: DispatchJob }): Promise<void> => jobs.push(`${data.tenantId}:${data.messageIds.join()}`);
  const worker = new Worker<DispatchJob>(lane, work, { connection: { url: redis.url, maxRetriesPerRequest: null }, prefix: redis.prefix });
  try {
    return await jobs.take(count);
  } finally {
    await worker.close();
  }
}

describe('a lane', () => {
  test('takes its tenants in turn, so that a campaign delays nobody else', async () => {
    await queues.hint([1, 2, 3].map((n) => hint('busy', 'bulk', `b${n}`)));
    await queues.hint([hint('quiet', 'bulk', 'q1'), hint('quiet', 'bulk', 'q2')]);
    expect(await workedOff('bulk', 5)).toEqual(['busy:b1', 'quiet:q1', 'busy:b2', 'quiet:q2', 'busy:b3']);
  });

  test('lets a tenant begin at the front again once its jobs have ended', async () => {
    await queues.hint([hint('busy', 'otp', 'b1'), hint('busy', 'otp', 'b2')]);
    const [first, second] = await jobsOf('otp');
    for (const job of [first, second, first]) await queues.done('otp', job!);
    await queues.hint([hint('other', 'otp', 'o1'), hint('other', 'otp', 'o2'), hint('busy', 'otp', 'b3')]);
    expect(await workedOff('otp', 5)).toEqual(['busy:b1', 'other:o1', 'busy:b3', 'busy:b2', 'other:o2']);
  });

  test('does not take a tenant for quiet because jobs end that were counted before', async () => {
    await queues.hint([1, 2].map((n) => hint('busy', 'otp', `b${n}`)));
    const before = await jobsOf('otp');
    const inTenMinutes = Date.now() + 600_000;
    vi.spyOn(Date, 'now').mockReturnValue(inTenMinutes);
    await queues.hint([3, 4].map((n) => hint('busy', 'otp', `b${n}`)));
    for (const job of before) await queues.done('otp', job);
    await queues.hint([hint('busy', 'otp', 'b5'), hint('quiet', 'otp', 'q1'), hint('quiet', 'otp', 'q2')]);
    expect(await workedOff('otp', 7)).toEqual(
      ['b1', 'b3', 'q1', 'b2', 'b4', 'q2', 'b5'].map((id) => `${id.startsWith('b') ? 'busy' : 'quiet'}:${id}`),
    );
  });

  test('forgets jobs that never ended', async () => {
    await queues.hint([1, 2, 3].map((n) => hint('crashed', 'otp', `c${n}`)));
    await workedOff('otp', 3);
    const inTenMinutes = Date.now() + 600_000;
    vi.spyOn(Date, 'now').mockReturnValue(inTenMinutes);
    await queues.hint([hint('other', 'otp', 'o1'), hint('other', 'otp', 'o2'), hint('crashed', 'otp', 'c4')]);
    expect(await workedOff('otp', 3)).toEqual(['other:o1', 'crashed:c4', 'other:o2']);
  });

  test('is idle when nothing waits in it', async () => {
    expect(await queues.idleLanes()).toEqual(['otp', 'transactional', 'bulk']);
    await queues.hint([hint('t', 'bulk', 'm')]);
    expect(await queues.idleLanes()).toEqual(['otp', 'transactional']);
  });

  test('keeps what is put off until its time, and is not idle meanwhile', async () => {
    await queues.hint([{ ...hint('t', 'bulk', 'late'), delayMs: 500 }, hint('t', 'bulk', 'now')]);
    expect(await workedOff('bulk', 1)).toEqual(['t:now']);
    expect(await queues.idleLanes()).toEqual(['otp', 'transactional']);
    expect(await workedOff('bulk', 1)).toEqual(['t:late']);
  });
});

/** Adds as if at another time. */
async function hintAt(ago: number, ...hints: Parameters<LaneQueues['hint']>[0]): Promise<void> {
  const then = Date.now() - ago * 1000;
  vi.spyOn(Date, 'now').mockReturnValue(then);
  await queues.hint(hints);
  vi.restoreAllMocks();
}

/** Takes so many jobs of the lane, one after the other, and leaves them under way. */
async function taken(lane: string, count: number): Promise<string[]> {
  const worker = new Worker<DispatchJob>(lane, null, { connection: { url: redis.url, maxRetriesPerRequest: null }, prefix: redis.prefix });
  const ids: string[] = [];
  while (ids.length < count) ids.push(...((await worker.getNextJob('test')) as { data: DispatchJob }).data.messageIds);
  await worker.close();
  return ids;
}

describe('figures', () => {
  const age = async (): Promise<number | null> => (await queues.figures())[0]?.oldestWaitingSeconds ?? null;

  test('tell the age of the oldest job, also where it stands behind the fresh ones of others', async () => {
    await hintAt(3_600, ...[1, 2, 3].map((n) => hint('busy', 'otp', `b${n}`)));
    expect(await taken('otp', 1)).toEqual(['b1']);
    await hintAt(60, hint('other', 'otp', 'o1'));
    await hintAt(0, hint('quiet', 'otp', 'q1'));
    expect(await age()).toBeCloseTo(3_600, -2);
    expect(await taken('otp', 2)).toEqual(['o1', 'q1']);
    expect(await age()).toBeCloseTo(3_600, -2);
    expect(await taken('otp', 2)).toEqual(['b2', 'b3']);
    expect(await age()).toBeNull();
  });

  test('tell the age of jobs that were put off, too, once they wait', async () => {
    const putOff = (id: string) => ({ ...hint('busy', 'otp', id), delayMs: 60_300 });
    await hintAt(60, putOff('b1'), putOff('b2'));
    expect(await age()).toBeNull();
    await pause(400);
    expect(await taken('otp', 1)).toEqual(['b1']);
    expect(await age()).toBeCloseTo(60, -1);
    await hintAt(0, hint('quiet', 'otp', 'q1'));
    expect(await age()).toBeCloseTo(60, -1);
  });

  test('come to it in a few looks where nobody has asked while many jobs came and went', async () => {
    const client = new Redis(redis.url);
    await client.set(queues.all()[0]?.toKey('id') ?? '', 120_000);
    client.disconnect();
    await hintAt(3_600, hint('busy', 'otp', 'b1'), hint('busy', 'otp', 'b2'));
    expect(await taken('otp', 1)).toEqual(['b1']);
    await hintAt(60, hint('quiet', 'otp', 'q1'));
    const ages = [await age(), await age(), await age()].map((seconds) => Math.round((seconds ?? 0) / 60));
    expect(ages).toEqual([1, 1, 60]);
  });

  test('tell it again when a queue was empty, and when its jobs were thrown away', async () => {
    await hintAt(60, hint('t', 'otp', 'm1'), hint('t', 'otp', 'm2'));
    expect(await age()).toBeCloseTo(60, -1);
    await taken('otp', 2);
    expect(await age()).toBeNull();
    await hintAt(30, hint('t', 'otp', 'm3'));
    expect(await age()).toBeCloseTo(30, -1);
    await queues.all()[0]?.obliterate({ force: true });
    await hintAt(90, hint('t', 'otp', 'm4'));
    expect(await age()).toBeCloseTo(90, -1);
  });

  test('tell what waits, and for how long', async () => {
    await queues.hint([hint('t', 'otp', 'm1'), hint('t', 'otp', 'm2')]);
    await queues.callLookUps({ UNCONFIRMED: 1, SENT: 60 });
    await queues.callRedactions(60);
    await queues.callCharges(2);
    const figures = await queues.figures();
    expect(figures.map(({ name, waiting }) => [name, waiting])).toEqual([
      ['otp', 2],
      ['transactional', 0],
      ['bulk', 0],
      ['look-ups', 3],
      ['redactions', 2],
      ['charges', 1],
    ]);
    expect(figures[0]?.oldestWaitingSeconds).toBeGreaterThanOrEqual(0);
    expect(figures[1]?.oldestWaitingSeconds).toBeNull();
  });
});

test('without Redis nothing fails and nobody waits long', async () => {
  const away = new LaneQueues('redis://127.0.0.1:1', redis.prefix, pino({ level: 'silent' }));
  const began = performance.now();
  await Promise.all([
    away.hint([hint('t', 'otp', 'm')]),
    away.callLookUps({ UNCONFIRMED: 1, SENT: 1 }),
    away.callRedactions(1),
    away.callCharges(1),
    away.done('otp', { tenantId: 't', window: 0 }),
  ]);
  expect(await away.idleLanes()).toBeNull();
  expect(performance.now() - began).toBeLessThan(4_000);
  await expect(away.ping()).rejects.toThrow();
  await away.close();
});
