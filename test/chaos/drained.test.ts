import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import type { TestSubscription } from '../support/gql.js';
import { askAlone, type Asked } from '../support/lone-request.js';
import { countsAgree, endsWell, eventsOf } from '../support/reckoning.js';
import { scale } from './scale.js';

const MESSAGES = scale(2_000, 600);
const CALLERS = 20;
const SOCKETS = 10;
/** As an operator has it; and a provider that is slow within its time. */
const SETTINGS = { DRAIN_SECONDS: '25', PROVIDER_TIMEOUT_SECONDS: '10' };
const SLOW_MS = 2_000;
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id reference } userErrors { code } } }';

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.start(SETTINGS);
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());

const started = (before: number): Promise<void> =>
  eventually(() => expect(site.simulator.takenTotal() - before).toBeGreaterThan(MESSAGES / 10), 60_000, 2);

/** Sends one message after another, each on a connection of its own, until nobody listens any more. */
async function sendUntilGone(caller: number): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (let count = 0; asked.at(-1)?.outcome !== 'refused'; count++) {
    const input = { to: '+14155550123', body: 'Hello', reference: `caller-${caller}-${count}` };
    asked.push(await askAlone(site.api, { query: SEND, variables: { input } }));
  }
  return asked;
}

const watch = (): TestSubscription<unknown>[] =>
  Array.from({ length: SOCKETS }, () => site.api.subscribe('subscription { messageStatusChanged { id } }'));

interface Stored {
  id: string;
  reference: string;
  status: string;
}
const storedByCallers = (): Promise<Stored[]> =>
  site.rows<Stored>(`select id, reference, status from messages where reference like 'caller-%' order by reference`);

describe('a worker that is told to stop under load', () => {
  test('drains in time beside a slow provider, and leaves nothing UNCONFIRMED', async () => {
    const before = site.simulator.takenTotal();
    const leaving = await site.run('worker');
    const batchId = await site.send(MESSAGES, 'drained');
    await started(before);
    site.provider.answerMs = SLOW_MS;
    await eventually(() => expect(site.provider.underWay).toBeGreaterThan(20), 10_000, 2);
    const began = Date.now();
    expect(await site.kill(leaving, 'SIGTERM')).toBe(0);
    expect(Date.now() - began).toBeLessThan(30_000);
    site.provider.answerMs = 0;
    await endsWell(site, batchId, MESSAGES);
    expect(site.simulator.takenTotal() - before).toBe(MESSAGES);
    expect((await eventsOf(site, batchId)).filter(({ status }) => status === 'UNCONFIRMED')).toEqual([]);
  }, 180_000);
});

describe('an api that is told to stop under sends, receipts and sockets', () => {
  test('answers what it has accepted, and everybody gets what was accepted', async () => {
    const [api] = site.programs;
    const batchId = await site.send(MESSAGES, 'api-drained');
    const sockets = watch();
    await Promise.all(sockets.map(({ connected }) => connected));
    const calling = Array.from({ length: CALLERS }, (_, caller) => sendUntilGone(caller));
    await eventually(async () => expect((await storedByCallers()).length).toBeGreaterThan(CALLERS * 2), 20_000);
    const began = Date.now();
    expect(api && (await site.kill(api, 'SIGTERM'))).toBe(0);
    expect(Date.now() - began).toBeLessThan(30_000);

    const asked = (await Promise.all(calling)).flat();
    const answered = asked.flatMap(({ outcome, body }) => (outcome === 'answered' ? [body.data?.sendMessage.message] : []));
    const stored = await storedByCallers();
    expect(answered.filter(Boolean).toSorted((a, b) => (a.reference < b.reference ? -1 : 1))).toEqual(
      stored.map(({ id, reference }) => ({ id, reference })),
    );
    expect(asked.filter(({ outcome, status }) => outcome === 'answered' && status !== 200 && status !== 503)).toEqual([]);
    const closings = await Promise.all(sockets.map(({ closed }) => closed));
    expect(new Set(closings.map(({ code }) => code))).toEqual(new Set([1001]));

    await site.run('api');
    await endsWell(site, batchId, MESSAGES);
    await eventually(
      async () => expect(new Set((await storedByCallers()).map(({ status }) => status))).toEqual(new Set(['DELIVERED'])),
      60_000,
    );
    expect(new Set(stored.map(({ id }) => site.simulator.taken(id)))).toEqual(new Set([1]));
    await countsAgree(site.postgres.target);
  }, 180_000);
});
