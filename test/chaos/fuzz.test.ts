import fc from 'fast-check';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { SIGNATURE_HEADER, signatureOf } from '../../src/delivery/providers/simulator/simulator-signature.js';
import { Secret } from '../../src/secret.js';
import { Deployment } from '../support/deployment.js';
import { given } from '../support/given.js';
import { brokenFrames, hostileSessions } from '../support/hostile-frames.js';
import { playSession, writeBroken, type Ending } from '../support/hostile-socket.js';
import { graphqlRequests, NO_MESSAGE, uploadRequests, webhookRequests, type HostileRequest } from '../support/hostile-requests.js';
import { memoryOf } from '../support/processes.js';
import type { Program } from '../support/program.js';
import { TWILIO } from '../support/settings.js';
import { TEST_KEY } from '../support/test-app.js';
import { scale } from './scale.js';

const SEED = 20_260_302;
const RUNS = scale(5_000, 500);
const AT_ONCE = 8;
const SESSIONS = scale(2_000, 200);
const MAX_GROWTH = 150 * 1024 * 1024;
/** The codes of sockets that ended for a fault of the server's. */
const FAILURES = [1006, 1011, 4500];

let site: Deployment;
let program: Program;
let agent: Agent;
let messageId: string;
beforeAll(async () => {
  site = await Deployment.start({ ...TWILIO, MESSAGING_MOCK_MODE: 'true', TWILIO_FROM_NUMBER: '+15005550006' });
  program = await site.run('api');
  agent = new Agent({ connections: AT_ONCE });
  ({ id: messageId } = await given.message(site.api));
  // What a program takes for its first thousands of requests says nothing of the next.
  await each(graphqlRequests, RUNS / 5, async (hostile) => void (await post(withKey(hostile))), SEED + 1);
}, 60_000);
afterAll(async () => {
  await agent.destroy();
  await site.stop();
});

async function post({ path, headers, body }: HostileRequest): Promise<{ status: number; text: string }> {
  const answer = await request(`${site.api.url}${path}`, { dispatcher: agent, method: 'POST', headers, body });
  return { status: answer.statusCode, text: await answer.body.text() };
}

const withKey = (hostile: HostileRequest): HostileRequest => ({
  ...hostile,
  headers: { ...hostile.headers, authorization: `Bearer ${TEST_KEY}` },
});

/** Such as only the provider can send it, so that it is read and not refused at the door. */
function signed(hostile: HostileRequest): HostileRequest {
  const path = hostile.path.replace(NO_MESSAGE, messageId);
  const [url, rawBody] = [`${site.env['PUBLIC_URL']}${path}`, String(hostile.body)];
  const form: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rawBody)) (form[name] ??= []).push(value);
  const secret = simulatorSecret(new Secret(site.env['ENCRYPTION_KEY'] ?? ''));
  const signatures = {
    'x-twilio-signature': getExpectedTwilioSignature(TWILIO.TWILIO_AUTH_TOKEN, url, form),
    [SIGNATURE_HEADER]: signatureOf(secret, { url, rawBody }),
  };
  return { ...hostile, path, headers: { ...hostile.headers, ...signatures } };
}

/** Some at once, and all of them. */
async function each<T>(cases: fc.Arbitrary<T>, runs: number, play: (one: T) => Promise<void>, seed = SEED): Promise<void> {
  const left = fc.sample(cases, { seed, numRuns: runs });
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await play(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Posts them all and says what was the answer. */
async function statusesOf(
  requests: fc.Arbitrary<HostileRequest>,
  prepare: (hostile: HostileRequest) => HostileRequest,
): Promise<Set<number>> {
  const statuses = new Set<number>();
  await each(requests, RUNS, async (hostile) => {
    const { status, text } = await post(prepare(hostile));
    statuses.add(status);
    // What a resolver throws is answered with 200.
    if (status >= 500 || text.includes('INTERNAL_SERVER_ERROR'))
      throw new Error(
        `${status} ${text.slice(0, 300)} for ${hostile.path} ${JSON.stringify(hostile.headers)} ${String(hostile.body).slice(0, 1_000)}`,
      );
  });
  return statuses;
}

/** It runs, has not grown, has met nothing that it did not foresee, and works. */
async function isWell(memoryBefore: number): Promise<void> {
  expect((await memoryOf(program.process.pid)) - memoryBefore).toBeLessThan(MAX_GROWTH);
  expect(program.process.exitCode).toBeNull();
  expect(program.output()).not.toMatch(/unhandled|uncaught|unforeseen|an operation failed/i);
  expect((await site.api.query('{ health { state } viewer { role } }')).viewer.role).toBe('ADMIN');
}

describe(`with seed ${SEED}, whatever is sent to`, () => {
  test.each<[string, fc.Arbitrary<HostileRequest>, (hostile: HostileRequest) => HostileRequest, number[]]>([
    ['the GraphQL API', graphqlRequests, withKey, [200, 400]],
    ['the webhooks, rightly signed', webhookRequests, signed, [200, 400]],
    ['the webhooks, not signed', webhookRequests, (hostile) => hostile, [403]],
    ['the upload of batches', uploadRequests, withKey, [200, 400, 415]],
  ])(
    '%s, the program does not fail, and does not grow',
    async (_what, requests, prepare, usual) => {
      const before = await memoryOf(program.process.pid);
      const statuses = await statusesOf(requests, prepare);
      expect([...statuses]).toEqual(expect.arrayContaining(usual));
      expect(statuses.has(200), 'something was taken').toBe(usual.includes(200));
      await isWell(before);
    },
    240_000,
  );

  test('sockets, in the words of the protocol, the program does not fail, and does not grow', async () => {
    const before = await memoryOf(program.process.pid);
    const [endings, refusals] = [new Set<Ending>(), new Set<string>()];
    await each(hostileSessions, SESSIONS, async (session) => void endings.add(await playSession(site.api, session, refusals)));
    expect([...endings].filter((ending) => typeof ending === 'number' && FAILURES.includes(ending))).toEqual([]);
    expect([...endings]).toEqual(expect.arrayContaining(['answered', 4400, 4401]));
    expect(refusals).not.toContain('INTERNAL_SERVER_ERROR');
    await isWell(before);
  }, 240_000);

  test('sockets, in bytes that are no frames, the program does not fail, and does not grow', async () => {
    const before = await memoryOf(program.process.pid);
    await expect(each(brokenFrames, SESSIONS, (bytes) => writeBroken(site.api, bytes))).resolves.toBeUndefined();
    await isWell(before);
  }, 240_000);
});
