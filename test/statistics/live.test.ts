import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { LiveStatistics } from '../../src/statistics/live-statistics.js';
import type { Statistics } from '../../src/statistics/statistics.js';
import { given } from '../support/given.js';
import type { TestApi, TestSubscription } from '../support/gql.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const LIVE = `subscription ($windowSeconds: Int!, $filter: StatisticsFilter) {
  statisticsUpdated(windowSeconds: $windowSeconds, filter: $filter) { from to total byStatus { status count } }
}`;

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

type Live = TestSubscription<{
  statisticsUpdated: { from: string; to: string; total: number; byStatus: { status: string; count: number }[] };
}>;

const watch = (api: TestApi, filter: object = {}, windowSeconds = 3600): Live => api.subscribe(LIVE, { windowSeconds, filter });

/** Takes what comes until it is as expected. */
async function until(live: Live, total: number, status: string): Promise<number> {
  for (let events = 1; ; events++) {
    const { statisticsUpdated } = await live.next();
    if (statisticsUpdated.total === total && statisticsUpdated.byStatus.some((one) => one.status === status && one.count === total))
      return events;
  }
}

describe('live statistics', () => {
  test('are told at once, and again when they have changed', async () => {
    const { admin } = await run.withTenant('changing');
    const live = watch(admin);
    expect((await live.next()).statisticsUpdated).toMatchObject({ total: 0, byStatus: [] });
    await given.message(admin);
    await until(live, 1, 'DELIVERED');
    await live.close();
  });

  test('are told at most once a second, however much is sent', async () => {
    const { admin } = await run.withTenant('busy');
    const live = watch(admin);
    await live.next();
    const began = Date.now();
    await given.batch(admin, { recipients: Array.from({ length: 200 }, (_, index) => ({ to: `+1415555${2000 + index}` })) });
    const events = await until(live, 200, 'DELIVERED');
    expect(events).toBeLessThanOrEqual(Math.ceil((Date.now() - began) / 1000) + 1);
    await live.close();
  });

  test('say nothing while nothing changes that they show', async () => {
    const { admin } = await run.withTenant('quiet');
    const live = watch(admin, { channel: ['WHATSAPP'] });
    await live.next();
    await given.delivered(admin);
    await expect(live.next(2_500)).rejects.toThrow('Nothing arrived');
    await live.close();
  });

  test('find what nobody tells of, such as a price that comes after the last status', async () => {
    const { admin, id } = await run.withTenant('untold');
    const nobody = { join: async () => () => undefined };
    const own = new LiveStatistics(run.app.core.statistics, nobody, pino({ level: 'silent' }), 100);
    const live = await own.open(systemCaller(id, 'test'), 3600, {});
    const seen: Statistics = (await live.next()).value;
    expect(await seen.total()).toBe(0);
    await given.scheduled(admin);
    const now: Statistics = (await live.next()).value;
    expect(await now.total()).toBe(1);
    await live.return?.();
  });

  test('are computed once for all who watch the same', async () => {
    const { admin, viewer } = await run.withTenant('watched');
    const computing = vi.spyOn(run.app.core.statistics, 'ofWindow');
    const lives = [admin, viewer, admin, viewer].map((api, index) =>
      watch(api, { channel: index % 2 ? ['SMS', 'WHATSAPP'] : ['WHATSAPP', 'SMS'] }),
    );
    for (const live of lives) await live.next();
    computing.mockClear();
    await given.scheduled(admin);
    for (const live of lives) await until(live, 1, 'SCHEDULED');
    expect(computing).toHaveBeenCalledTimes(1);
    computing.mockRestore();
    for (const live of lives) await live.close();
  });

  test('are those of the tenant alone', async () => {
    const { admin: one } = await run.withTenant('one');
    const { admin: other } = await run.withTenant('other');
    const live = watch(other);
    await live.next();
    await given.delivered(one);
    await expect(live.next(1_500)).rejects.toThrow('Nothing arrived');
    await live.close();
  });

  test.each([59, 86_401, -1])('refuse a window of %d seconds', async (windowSeconds) => {
    const live = watch(run.api, {}, windowSeconds);
    await expect(live.next()).rejects.toThrow('BAD_USER_INPUT');
    await live.close();
  });

  test('are not for a SENDER', async () => {
    const { sender } = await run.withTenant('changing');
    const live = watch(sender);
    await expect(live.next()).rejects.toThrow('FORBIDDEN');
    await live.close();
  });
});
