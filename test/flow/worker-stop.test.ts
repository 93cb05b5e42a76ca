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

const statuses = async (): Promise<string[]> =>
  (await site.rows<{ status: string }>('select distinct status from messages')).map(({ status }) => status);

describe('a worker that is told to stop while a provider answers nothing', () => {
  test('cuts its calls in time to write down that they are UNCONFIRMED', async () => {
    site.provider.decide = () => 'swallow';
    const leaving = await site.run('worker,scheduler', { PROVIDER_TIMEOUT_SECONDS: '60', DRAIN_SECONDS: '4' });
    await site.send(MESSAGES, 'cut');
    await eventually(async () => expect(await statuses()).toEqual(['SENDING']), 20_000);
    const began = Date.now();
    expect(await site.kill(leaving, 'SIGTERM')).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await statuses()).toEqual(['UNCONFIRMED']);
    expect(site.simulator.takenTotal()).toBe(0);
  }, 60_000);
});
