import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';

const MESSAGES = 5;

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
}, 60_000);
afterAll(() => site.stop());

const statuses = async (reference: string): Promise<string[]> =>
  (await site.rows<{ status: string }>('select distinct status from messages where reference = $1', [reference])).map(
    ({ status }) => status,
  );

/** Tells a worker to stop in the middle of its calls. Returns its exit code, once the time it may take is over at the latest. */
async function stopped(reference: string, meanwhile: () => void = () => undefined): Promise<number | string> {
  site.provider.decide = () => 'swallow';
  const leaving = await site.run('worker,scheduler', { PROVIDER_TIMEOUT_SECONDS: '60', DRAIN_SECONDS: '4' });
  await site.send(MESSAGES, reference);
  await eventually(async () => expect(await statuses(reference)).toEqual(['SENDING']), 20_000);
  meanwhile();
  const began = Date.now();
  const code = await site.kill(leaving, 'SIGTERM');
  expect(Date.now() - began).toBeLessThan(10_000);
  return code;
}

describe('a worker that is told to stop while a provider answers nothing', () => {
  test('cuts its calls in time to write down that they are UNCONFIRMED', async () => {
    expect(await stopped('cut')).toBe(0);
    expect(await statuses('cut')).toEqual(['UNCONFIRMED']);
    expect(site.simulator.takenTotal()).toBe(0);
  }, 60_000);

  test('does so while Redis is away, too', async () => {
    expect(await stopped('cut-without-redis', () => site.redis.shut())).toBe(0);
    expect(await statuses('cut-without-redis')).toEqual(['UNCONFIRMED']);
    expect(site.simulator.takenTotal()).toBe(0);
  }, 60_000);
});
