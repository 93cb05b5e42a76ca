import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lane } from '../../src/messages/lane.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let redis: Redis;
beforeAll(async () => {
  run = await startTestApp();
  redis = new Redis(run.env['REDIS_URL'] ?? '');
});
afterAll(async () => {
  redis.disconnect();
  await run.stop();
});

/** The queues that some worker of this installation takes jobs from: workers name their connections after them. */
async function worked(): Promise<string[]> {
  const clients = String(await redis.call('CLIENT', 'LIST'));
  const names = [...clients.matchAll(/ name=(\S+)/g)].flatMap(([, name = '']) => {
    const [prefix, queue] = name.split(':');
    return prefix === run.env['REDIS_PREFIX'] && queue ? [Buffer.from(queue, 'base64').toString()] : [];
  });
  return [...new Set(names)].toSorted();
}

const figures = () => run.app.core.queues.figures();

test('every queue has a worker, and every worker a queue', async () => {
  const queues = (await figures()).map(({ name }) => name);
  expect(queues).toEqual([...Object.values(Lane), 'look-ups', 'redactions', 'charges']);
  await eventually(async () => expect(await worked()).toEqual(queues.toSorted()));
});

test('every job is taken from its queue and ended, also for messages that are gone', async () => {
  const gone = ['0198c0de-0000-7000-8000-000000000000'];
  const tenantId = gone[0]!;
  await run.app.core.queues.hint(Object.values(Lane).map((lane) => ({ tenantId, lane, messageIds: gone })));
  await run.app.core.queues.callLookUps({ UNCONFIRMED: 1, SENT: 1 });
  await run.app.core.queues.callRedactions(1);
  await run.app.core.queues.callCharges(1);
  const done = (await figures()).map(({ name }) => ({ name, waiting: 0, active: 0, delayed: 0, failed: 0, oldestWaitingSeconds: null }));
  await eventually(async () => expect(await figures()).toEqual(done));
});
