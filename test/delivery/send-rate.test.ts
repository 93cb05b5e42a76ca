import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SharedSendRate } from '../../src/delivery/jobs/shared-send-rate.js';
import type { Lane } from '../../src/messages/lane.js';
import { onBatch } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp } from '../support/test-app.js';
import { testRedis } from '../support/test-database.js';
import { csv, numbers, upload } from '../support/upload.js';

const log = pino({ level: 'silent' });
const never = new AbortController().signal;

describe('the rate of sending', () => {
  let rates: SharedSendRate[];
  beforeEach(async () => {
    const { url, prefix } = testRedis();
    rates = [1, 2].map(() => new SharedSendRate({ url, prefix, perSecond: 50, log }));
    await Promise.all(rates.map((rate) => rate.take('bulk', 1, never)));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  });
  afterEach(() => rates.forEach((rate) => rate.close()));

  /** Takes for so long, on both processes; returns how many were allowed. */
  async function takeFor(ms: number, lane: Lane): Promise<number> {
    const until = performance.now() + ms;
    let taken = 0;
    const work = async (rate: SharedSendRate): Promise<void> => {
      for (;;) {
        const count = await rate.take(lane, 200, never);
        if (performance.now() >= until) return;
        taken += count;
      }
    };
    await Promise.all(rates.flatMap((rate) => [work(rate), work(rate)]));
    return taken;
  }

  test('holds over all processes', async () => {
    // Three seconds touch at most four of the limiter's.
    const taken = await takeFor(3_000, 'bulk');
    expect(taken).toBeGreaterThanOrEqual(100);
    expect(taken).toBeLessThanOrEqual(200);
  });

  test('lets codes pass at once, and has the others wait for them', async () => {
    const begun = performance.now();
    expect(await rates[0]?.take('otp', 50, never)).toBe(50);
    expect(performance.now() - begun).toBeLessThan(200);
    await rates[1]?.take('bulk', 1, never);
    expect(performance.now() - begun).toBeGreaterThan(500);
  });

  test('keeps nobody waiting at the end', async () => {
    const end = new AbortController();
    const rate = rates[0] as SharedSendRate;
    await rate.take('otp', 500, never);
    const waiting = rate.take('bulk', 1, end.signal);
    setTimeout(() => end.abort(), 50);
    expect(await waiting).toBe(0);
    expect(await rate.take('bulk', 1, end.signal)).toBe(0);
  });

  test('is kept by each process alone while Redis is away', async () => {
    const alone = new SharedSendRate({ url: 'redis://127.0.0.1:9', prefix: 'x', perSecond: 50, log });
    const begun = performance.now();
    for (let taken = 0; taken < 60;) taken += await alone.take('bulk', 60, never);
    expect(performance.now() - begun).toBeGreaterThan(500);
    alone.close();
  });
});

test('a campaign goes out at the rate, can be paused meanwhile, and a code passes it', async () => {
  const run = await startTestApp({ PROVIDER_MESSAGES_PER_SECOND: '20', PROVIDER_TIMEOUT_SECONDS: '10' });
  try {
    const { body } = await upload(run.api, csv('to', ...numbers(300)));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await run.api.mutate(onBatch('pauseBatch'), { id: body.batchId });
    const asked = (await rowsOf(run, `select from messages where asked_at is not null`)).length;
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThanOrEqual(120);
    await run.api.mutate(onBatch('resumeBatch'), { id: body.batchId });
    const begun = performance.now();
    const send =
      'mutation { sendMessage(input: { to: "+14155550100", body: "1234", category: AUTHENTICATION, immediate: true }) { message { status } } }';
    expect(['SENT', 'DELIVERED']).toContain((await run.api.mutate(send)).sendMessage.message.status);
    expect(performance.now() - begun).toBeLessThan(1_500);
  } finally {
    await run.stop();
  }
}, 40_000);
