import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClockJobs, type ClockJob } from '../../../src/platform/scheduler/clock-jobs.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { openTestStore, type TestStore } from '../../support/test-store.js';

let store: TestStore;
let clocks: ClockJobs[];
beforeEach(async () => {
  store = await openTestStore();
  clocks = [];
});
afterEach(async () => {
  await Promise.all(clocks.map((clock) => clock.stop(1_000)));
  await store.close();
});

async function start(run: () => Promise<unknown>, every: ClockJob['every'] = 1): Promise<void> {
  const job = { name: 'tick', every, purpose: 'ticks', run };
  clocks.push(await ClockJobs.start(store.url, [job], pino({ level: 'silent' })));
}

const PATIENCE = { timeout: 8_000 };

describe('a clock job', () => {
  test('runs on one process at a time, however many there are', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const run = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 300));
      running--;
      runs++;
    };
    await start(run);
    await start(run);
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(3);
    expect(most).toBe(1);
  });

  test('that outlives its lock is not begun again beside itself', async () => {
    let [running, most, runs] = [0, 0, 0];
    const run = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      running--;
      runs++;
    };
    const job = { name: 'tick', every: 1, purpose: 'ticks', run };
    clocks.push(await ClockJobs.start(store.url, [job], pino({ level: 'silent' }), { lockMs: 600 }));
    await expect.poll(() => runs, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
    expect(most).toBe(1);
  }, 20_000);

  test('runs again after it has failed', async () => {
    let runs = 0;
    await start(async () => {
      if (++runs === 1) throw new Error('once');
    });
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(3);
  });

  test('runs again after the database has cut every connection', async () => {
    let runs = 0;
    await start(async () => runs++);
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(1);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'heliograph clock'`.execute(store.db.sql);
    const before = runs;
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(before + 2);
  });

  test('runs again after the database has vanished without a word', async () => {
    const proxy = await startTcpProxy(store.url);
    let runs = 0;
    const job = { name: 'tick', every: 1, purpose: 'ticks', run: async () => runs++ };
    clocks.push(await ClockJobs.start(proxy.url, [job], pino({ level: 'silent' }), { patience: { connectMs: 500, statementMs: 500 } }));
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(1);
    proxy.mute();
    const before = runs;
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(before + 2);
    await clocks.pop()?.stop(1_000);
    await proxy.close();
  });

  test('runs on, beside a dozen others, far from the database', async () => {
    const proxy = await startTcpProxy(store.url);
    let runs = 0;
    const job = (name: string): ClockJob => ({ name, every: 1, purpose: 'ticks', run: async () => runs++ });
    const jobs = Array.from({ length: 12 }, (_, index) => job(`tick-${index}`));
    clocks.push(await ClockJobs.start(proxy.url, jobs, pino({ level: 'silent' })));
    proxy.delayMs = 200;
    // Whatever piles up has done so by then.
    await pause(10_000);
    const before = runs;
    await expect.poll(() => runs, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + jobs.length);
    await clocks.pop()?.stop(1_000);
    await proxy.close();
  }, 40_000);

  test.each([
    ['the next run', `next_run_at = now() + interval '2 hours', locked_at = null`],
    ['the lock', `locked_at = now() + interval '2 hours'`],
    ['both', `next_run_at = now() + interval '2 hours', locked_at = now() + interval '2 hours'`],
  ])('runs again after a restart when a scheduler whose clock was fast has written %s', async (_what, change) => {
    let runs = 0;
    await start(async () => runs++);
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(1);
    await clocks.splice(0)[0]?.stop(1_000);
    await sql.raw(`update agenda.agenda_jobs set ${change}`).execute(store.db.sql);
    runs = 0;
    await start(async () => runs++);
    await expect.poll(() => runs, PATIENCE).toBeGreaterThanOrEqual(2);
  });

  test('is waited for at the end', async () => {
    const begun = Promise.withResolvers<void>();
    let done = false;
    await start(async () => {
      begun.resolve();
      await new Promise((resolve) => setTimeout(resolve, 500));
      done = true;
    });
    await begun.promise;
    await clocks.splice(0)[0]?.stop(5_000);
    expect(done).toBe(true);
  });

  describe('of the night', () => {
    let runs: number;
    const tomorrow = { cron: `0 ${(new Date().getUTCHours() + 12) % 24} * * *`, timeZone: 'UTC' };
    const startOfTheNight = (every = tomorrow): Promise<void> => start(async () => runs++, every);
    const nextRun = async (): Promise<number> =>
      (await sql<{ at: Date }>`select next_run_at as at from agenda.agenda_jobs`.execute(store.db.sql)).rows[0]?.at.getTime() ?? 0;
    beforeEach(async () => {
      runs = 0;
      await startOfTheNight();
      await clocks.splice(0)[0]?.stop(1_000);
    });

    test('runs at the next start when it was due while no scheduler ran, and then at its time', async () => {
      expect(runs).toBe(0);
      await sql`update agenda.agenda_jobs set next_run_at = now() - interval '3 days'`.execute(store.db.sql);
      await startOfTheNight();
      await expect.poll(() => runs, PATIENCE).toBe(1);
      await expect.poll(nextRun, PATIENCE).toBeGreaterThan(Date.now() + 3_600_000);
    });

    test('has its time again after a restart when a scheduler whose clock was fast has put it off', async () => {
      const before = await nextRun();
      await sql`update agenda.agenda_jobs set next_run_at = next_run_at + interval '300 days'`.execute(store.db.sql);
      await startOfTheNight();
      expect(await nextRun()).toBe(before);
      expect(runs).toBe(0);
    });

    test('waits for its time over a restart, and for another one once that is changed', async () => {
      const before = await nextRun();
      await startOfTheNight();
      expect(await nextRun()).toBe(before);
      await clocks.splice(0)[0]?.stop(1_000);
      await startOfTheNight({ ...tomorrow, cron: tomorrow.cron.replace(/^0/, '30') });
      expect(Math.abs((await nextRun()) - before)).toBeGreaterThan(0);
      expect(runs).toBe(0);
    });
  });
});
