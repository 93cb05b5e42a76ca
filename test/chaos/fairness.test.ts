import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { scale } from './scale.js';

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start();
  await site.run('api');
}, 60_000);
afterAll(() => site.stop());

const FLOOD = scale(100_000, 10_000);
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';
const TIMES = 'query ($id: ID!) { message(id: $id) { status createdAt sentAt } }';

describe('while a campaign goes out', () => {
  test('a one-time code is not delayed by more than a second', async () => {
    for (let sent = 0; sent < FLOOD; sent += 10_000) await site.send(10_000, `campaign-${sent}`);
    await site.run('worker,scheduler');
    await eventually(() => expect(site.simulator.takenTotal()).toBeGreaterThan(100), 60_000);
    const delays: number[] = [];
    for (let code = 0; code < 10; code++) {
      const { sendMessage } = await site.api.mutate(SEND, {
        input: { to: '+14155559999', body: 'Your code is 123456', category: 'AUTHENTICATION' },
      });
      const message = await eventually(async () => {
        const found = (await site.api.query(TIMES, { id: sendMessage.message.id })).message;
        expect(found.sentAt).not.toBeNull();
        return found;
      }, 20_000);
      delays.push(Date.parse(message.sentAt) - Date.parse(message.createdAt));
    }
    expect(site.simulator.takenTotal()).toBeLessThan(FLOOD);
    // The median: a machine that runs other tests as well may stall for once.
    expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(1_000);
  }, 300_000);
});
