import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { SIGNATURE_HEADER, signatureOf } from '../../src/delivery/providers/simulator/simulator-signature.js';
import { Secret } from '../../src/secret.js';
import { Deployment } from '../support/deployment.js';
import { given } from '../support/given.js';
import { graphqlRequests, NO_MESSAGE, uploadRequests, webhookRequests, type HostileRequest } from '../support/hostile-requests.js';
import type { Program } from '../support/program.js';
import { TWILIO } from '../support/settings.js';
import { TEST_KEY } from '../support/test-app.js';
import { scale } from './scale.js';

const SEED = 20_260_302;
const RUNS = scale(5_000, 500);
const AT_ONCE = 8;
const MAX_GROWTH = 250 * 1024 * 1024;

let site: Deployment;
let program: Program;
let agent: Agent;
let messageId: string;
beforeAll(async () => {
  site = await Deployment.start({ ...TWILIO, MESSAGING_MOCK_MODE: 'true', TWILIO_FROM_NUMBER: '+15005550006' });
  program = await site.run('api');
  agent = new Agent({ connections: AT_ONCE });
  ({ id: messageId } = await given.message(site.api));
}, 60_000);
afterAll(async () => {
  await agent.destroy();
  await site.stop();
});

/** In bytes. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${program.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

async function post({ path, headers, body }: HostileRequest): Promise<number> {
  const answer = await request(`${site.api.url}${path}`, { dispatcher: agent, method: 'POST', headers, body });
  await answer.body.dump();
  return answer.statusCode;
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

/** Posts them all and says how often each status was the answer. */
async function statusesOf(
  requests: fc.Arbitrary<HostileRequest>,
  prepare: (hostile: HostileRequest) => HostileRequest,
): Promise<Map<number, number>> {
  const hostile = fc.sample(requests, { seed: SEED, numRuns: RUNS });
  const statuses = new Map<number, number>();
  const work = async (): Promise<void> => {
    for (let next = hostile.pop(); next; next = hostile.pop()) {
      const status = await post(prepare(next));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500) throw new Error(`${status} for ${next.path} ${JSON.stringify(next.headers)} ${String(next.body).slice(0, 1_000)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return statuses;
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
      const before = await memory();
      const statuses = await statusesOf(requests, prepare);
      expect([...statuses.keys()]).toEqual(expect.arrayContaining(usual));
      expect((await memory()) - before).toBeLessThan(MAX_GROWTH);
      expect(program.process.exitCode).toBeNull();
      expect(program.output()).not.toMatch(/unhandled|uncaught/i);
      expect((await site.api.query('{ health { state } viewer { role } }')).viewer.role).toBe('ADMIN');
    },
    240_000,
  );
});
