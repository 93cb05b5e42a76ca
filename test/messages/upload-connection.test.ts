import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Agent as HttpAgent, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => void (run = await startTestApp({ ROLES: 'api' })));
afterAll(() => run.stop());

const LINE = `to\n${'x'.repeat(300_000)}`;

/** Does not become small. */
const PACKED = gzipSync(`to\n${randomBytes(400_000).toString('hex')}`);

/** Over one connection, as clients that keep theirs do. */
async function post(agent: HttpAgent, path: string, body: string | Buffer, headers: Record<string, string>): Promise<number | undefined> {
  const sending = request(`${run.url}${path}`, {
    agent,
    method: 'POST',
    timeout: 5_000,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  });
  sending.on('timeout', () => sending.destroy(new Error('no answer in five seconds')));
  sending.end(body);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}

describe('the connection of an upload that was refused before its end', () => {
  test.each<[string, string, string | Buffer, Record<string, string>]>([
    ['a line that is too long', '/batches?name=n&body=Hi', LINE, { 'content-type': 'text/csv' }],
    ['a line that is too long, packed', '/batches?name=n&body=Hi', PACKED, { 'content-type': 'text/csv', 'content-encoding': 'gzip' }],
    ['what is no gzip', '/batches?name=n&body=Hi', LINE, { 'content-type': 'text/csv', 'content-encoding': 'gzip' }],
    ['an unknown type', '/batches?name=n&body=Hi', LINE, { 'content-type': 'text/plain' }],
    [
      'a header without a recipient',
      '/batches?name=n&body=Hi',
      `phone\n${'+14155550101\n'.repeat(1_000_000)}`,
      { 'content-type': 'text/csv' },
    ],
    ['a header without a contact', '/consents', `name\n${'Ann\n'.repeat(1_000_000)}`, { 'content-type': 'text/csv' }],
    ['no type', '/batches?name=n&body=Hi', 'hu', {}],
    ['no type and long', '/batches?name=n&body=Hi', LINE, {}],
    ['wrong terms', '/batches?name=&body=Hi&channels=-1', LINE, { 'content-type': 'text/csv' }],
    ['packed in a way that nobody knows', '/batches?name=n&body=Hi', LINE, { 'content-type': 'text/csv', 'content-encoding': 'br' }],
  ])('because of %s serves the next request', async (_what, path, body, headers) => {
    const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
    const authorization = `Bearer ${run.api.key}`;
    const refused = await post(agent, path, body, { ...headers, authorization });
    expect([200, 400, 415]).toContain(refused);
    expect(await post(agent, '/graphql', '{"query":"{ health { state } }"}', { 'content-type': 'application/json', authorization })).toBe(
      200,
    );
    agent.destroy();
  });
});
