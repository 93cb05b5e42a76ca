import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consentRoutes } from '../../src/consent/http/consents.routes.js';
import { batchRoutes } from '../../src/messages/http/batches.routes.js';
import { RawSocket } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';

const BODY_MS = 400;
/** A part of a body comes so often: never silent for long, and never done in time. */
const DRIP_MS = 100;

async function counted(chunks: AsyncIterable<readonly unknown[]>): Promise<number> {
  let total = 0;
  for await (const lines of chunks) total += lines.length;
  return total;
}
/** Uploads that store nothing. */
const uploads = {
  upload: async (_caller: unknown, _terms: unknown, recipients: AsyncIterable<readonly unknown[]>) => {
    const total = await counted(recipients);
    return { batch: { id: 'b', status: 'ACCEPTED', total, rejected: 0 }, rejections: [] };
  },
};
const imports = {
  import: async (_caller: unknown, _terms: unknown, lines: AsyncIterable<readonly unknown[]>) => ({ total: await counted(lines) }),
};

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({
    bodyMs: BODY_MS,
    plugins: [
      async (http) => {
        http.removeAllContentTypeParsers();
        http.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
        http.post('/hook', async () => 'hooked');
        http.post('/refusing', { onRequest: async (_request, reply) => reply.code(403).send('no') }, async () => 'never');
      },
    ],
    apiPlugins: [
      (admission) => batchRoutes(uploads as never, admission, () => ''),
      (admission) => consentRoutes(imports as never, admission),
    ],
  });
});
afterAll(() => edge.stop());

/** Says that much will come, and sends one byte. */
async function begin(line: string, length = 'Content-Length: 60000'): Promise<{ socket: Socket; closed: Promise<string> }> {
  const { hostname, port } = new URL(edge.url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.on('data', (data) => (heard += data.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `${line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length}\r\n\r\n${length.startsWith('T') ? '1\r\n{\r\n' : '{'}`,
  );
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve(heard))) };
}

const inTime = (closed: Promise<string>): Promise<string> => Promise.race([closed, sleep(4 * BODY_MS).then(() => 'still open')]);

describe('a body that does not arrive', () => {
  test.each(['POST /graphql', 'POST /hook', 'POST /nowhere'])('of %s is answered with 408, and the connection is closed', async (line) => {
    const { closed } = await begin(line);
    expect(await inTime(closed)).toMatch(/^HTTP\/1.1 408 /);
  });

  test('in chunks is no exception', async () => {
    const { closed } = await begin('POST /hook', 'Transfer-Encoding: chunked');
    expect(await inTime(closed)).toMatch(/^HTTP\/1.1 408 /);
  });

  test('or comes byte by byte is none either', async () => {
    const { socket, closed } = await begin('POST /graphql');
    const drip = setInterval(() => socket.write(' '), DRIP_MS);
    // A byte that crosses the answer may destroy it.
    expect(await inTime(closed).finally(() => clearInterval(drip))).not.toBe('still open');
  });

  test.each([
    ['GET /healthz', '200'],
    ['POST /refusing', '403'],
  ])('of %s, which nobody waits for, is not waited for either', async (line, status) => {
    const { socket, closed } = await begin(line);
    const drip = setInterval(() => socket.write(' '), DRIP_MS);
    const heard = await inTime(closed).finally(() => clearInterval(drip));
    expect(heard.match(/HTTP\/1.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
  });

  test('is written down, and is no fault of ours', async () => {
    await (
      await begin('POST /hook')
    ).closed;
    const logged = edge.logged.map((line) => JSON.parse(line));
    expect(logged).toContainEqual(expect.objectContaining({ route: '/hook', msg: 'a body did not arrive in time' }));
    expect(logged.filter(({ level }) => level > 30)).toEqual([]);
  });
});

describe('what may take longer', () => {
  test.each([
    ['/batches?name=long&body=Hello', 'to\n', '+14155550100\n', { total: 8 }],
    ['/consents', 'phone,category,status\n', '+14155550100,UTILITY,GRANTED\n', { total: 8 }],
  ])('an upload to %s', async (path, head, line, expected) => {
    const headers = { 'content-type': 'text/csv', authorization: `Bearer ${edge.admin.key}` };
    const sending = request(edge.url + path, { method: 'POST', agent: false, headers });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.write(head);
    for (let part = 0; part < 8; part++) {
      sending.write(line);
      await sleep(DRIP_MS);
    }
    sending.end();
    const [response] = await answered;
    expect(await json(response)).toMatchObject(expected);
  });

  test('a quiet WebSocket, and a connection that is kept', async () => {
    const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
    await sleep(3 * BODY_MS);
    socket.operate('1', '{ viewer { role } }');
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
    socket.close();
  });
});
