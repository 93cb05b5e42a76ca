import { describe, expect, test } from 'vitest';
import { countedJobs } from '../../../src/app/counted-jobs.js';
import { Metrics, type QueueDepth } from '../../../src/platform/metrics/metrics.js';
import { eventually } from '../../support/eventually.js';

const WAITING = 'heliograph_queue_waiting_jobs{queue="otp"}';
const DEPTH: QueueDepth = { name: 'otp', waiting: 3, active: 0, oldestWaitingSeconds: 1 };

describe('gauges that are read at each scrape', () => {
  test('vanish while they cannot be read, instead of telling what was', async () => {
    const metrics = new Metrics();
    let isAway = false;
    metrics.watchQueues(async () => {
      if (isAway) throw new Error('connect ECONNREFUSED');
      return [DEPTH];
    });
    expect(await metrics.registry.metrics()).toContain(`${WAITING} 3`);
    isAway = true;
    await eventually(async () => expect(await metrics.registry.metrics()).not.toContain(WAITING));
    isAway = false;
    await eventually(async () => expect(await metrics.registry.metrics()).toContain(`${WAITING} 3`));
  });

  test('vanish for what is there no more', async () => {
    const metrics = new Metrics();
    let depths = [DEPTH, { ...DEPTH, name: 'bulk' }];
    metrics.watchQueues(async () => depths);
    expect(await metrics.registry.metrics()).toContain('{queue="bulk"}');
    depths = [DEPTH];
    await eventually(async () => expect(await metrics.registry.metrics()).not.toContain('{queue="bulk"}'));
    expect(await metrics.registry.metrics()).toContain(WAITING);
  });
});

test('a clock job that fails is counted as failed, and fails all the same', async () => {
  const metrics = new Metrics();
  const broken = { name: 'tick', every: 1, purpose: 'ticks', run: () => Promise.reject(new Error('broken')) };
  const [job] = countedJobs([broken], metrics);
  await expect(job?.run()).rejects.toThrow('broken');
  const counted = await metrics.registry.metrics();
  expect(counted).toContain('heliograph_clock_job_runs_total{name="tick",outcome="failed"} 1');
  expect(counted).toContain('heliograph_clock_job_runs_total{name="tick",outcome="done"} 0');
});
