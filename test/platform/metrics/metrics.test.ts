import { fastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import { countedJobs } from '../../../src/app/counted-jobs.js';
import { Metrics, type QueueDepth } from '../../../src/platform/metrics/metrics.js';
import { ObservedPublisher } from '../../../src/messages/observed-publisher.js';
import { NOWHERE } from '../../../src/messages/message-event.js';
import { observeRequests } from '../../../src/platform/metrics/metrics.routes.js';
import { fact, messageRow } from '../../support/builders.js';
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

test('requests are counted, and probes are none: a 503 of theirs fails nobody', async () => {
  const metrics = new Metrics();
  const http = fastify();
  await http.register(observeRequests(metrics));
  http.get('/readyz', (_request, reply) => reply.code(503).send());
  http.get('/report', (_request, reply) => reply.code(503).send());
  await Promise.all([http.inject('/readyz'), http.inject('/report')]);
  const counted = async (): Promise<string[]> => (await metrics.registry.metrics()).match(/http_request_seconds_count\{.*/g) ?? [];
  await eventually(async () => expect(await counted()).toEqual([expect.stringMatching(/route="\/report",status="503"\} 1$/)]));
});

test('what an opt-out takes back is counted as no receipt', async () => {
  const metrics = new Metrics();
  const [row, publisher] = [messageRow(), new ObservedPublisher({ publish: () => undefined }, metrics)];
  const event = { ...fact({ status: 'SUPPRESSED', source: 'WEBHOOK', provider: null }).event, at: new Date() };
  publisher.publish([
    { row, event, place: NOWHERE },
    { row, event: { ...event, status: 'DELIVERED', provider: 'twilio' }, place: NOWHERE },
  ]);
  const counted = (await metrics.registry.metrics()).match(/heliograph_receipts_total\{.*/g);
  expect(counted).toEqual(['heliograph_receipts_total{provider="twilio",status="DELIVERED"} 1']);
});

test('a receipt of a failure is counted as FAILED, also where the message is tried again', async () => {
  const metrics = new Metrics();
  const again = { status: 'QUEUED', previousStatus: 'SENT', source: 'WEBHOOK', provider: 'twilio', errorKind: 'UNREACHABLE' } as const;
  const news = { row: messageRow(), event: { ...fact(again).event, at: new Date() }, place: NOWHERE };
  new ObservedPublisher({ publish: () => undefined }, metrics).publish([news]);
  const counted = (await metrics.registry.metrics()).match(/heliograph_(receipts|retries)_total\{.*/g);
  expect(counted?.toSorted()).toEqual([
    'heliograph_receipts_total{provider="twilio",status="FAILED"} 1',
    'heliograph_retries_total{provider="twilio",kind="UNREACHABLE"} 1',
  ]);
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
