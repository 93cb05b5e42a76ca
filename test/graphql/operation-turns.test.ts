import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/accounts/api-key.entity.js';
import { RawSocket } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

const TICKS = 'subscription ($count: Int!) { ticks(count: $count) }';
const SILENCE = 'subscription { silence }';

const probe = new ProbeResolver();
const opened: RawSocket[] = [];
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({ resolvers: [probe], sockets: { maxOperations: 5 } });
});
afterEach(() => opened.splice(0).forEach((socket) => socket.close()));
afterAll(() => edge.stop());

async function open(): Promise<RawSocket> {
  const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  opened.push(socket);
  return socket;
}

const complete = (socket: RawSocket, id: string): void => socket.send({ id, type: 'complete' });

describe('the id of an operation', () => {
  test('may be used again as soon as the client has completed the operation', async () => {
    const socket = await open();
    socket.operate('1', SILENCE);
    expect([await socket.next(), await socket.next()].map(({ type }) => type)).toEqual(['next', 'next']);
    complete(socket, '1');
    socket.operate('1', TICKS, { count: 2 });
    const frames = [await socket.next(), await socket.next(), await socket.next()];
    expect(frames).toMatchObject([{ payload: { data: { ticks: 1 } } }, { payload: { data: { ticks: 2 } } }, { type: 'complete' }]);
    expect(probe.openStreams).toBe(0);
  });

  test('leaves one stream where it was used many times, and none once the socket is closed', async () => {
    const socket = await open();
    for (let times = 0; times < 50; times++) {
      socket.operate('1', SILENCE);
      complete(socket, '1');
    }
    socket.operate('1', SILENCE);
    expect([await socket.next(), await socket.next()].map(({ type }) => type)).toEqual(['next', 'next']);
    await expect(socket.next(200)).rejects.toThrow();
    expect(probe.openStreams).toBe(1);
    socket.close();
    await expect.poll(() => probe.openStreams).toBe(0);
  });

  test('is not used for what was completed before its turn came', async () => {
    const socket = await open();
    socket.operate('1', '{ slow(ms: 200) }');
    complete(socket, '1');
    socket.operate('1', 'mutation { createApiKey(input: { name: "withdrawn", role: ADMIN }) { apiKey { id } } }');
    complete(socket, '1');
    await expect(socket.next(400)).rejects.toThrow();
    expect(await edge.db.emOfAllTenants().count(ApiKey, { name: 'withdrawn' })).toBe(0);
  });

  test('that is in use closes the socket with 4409, also while its operation waits for its turn', async () => {
    for (const id of ['1', 'ض'.repeat(500)]) {
      const running = await open();
      for (let times = 0; times < 2; times++) running.operate(id, SILENCE);
      expect((await running.closed).code).toBe(4409);
    }
    const waiting = await open();
    waiting.operate('1', '{ slow(ms: 500) }');
    complete(waiting, '1');
    for (let times = 0; times < 2; times++) waiting.operate('1', SILENCE);
    expect((await waiting.closed).code).toBe(4409);
  });

  test('is refused to more operations that wait for their turn than may run on one socket', async () => {
    const socket = await open();
    for (let id = 1; id <= 6; id++) {
      socket.operate(String(id), '{ slow(ms: 500) }');
      complete(socket, String(id));
    }
    for (let id = 1; id <= 6; id++) socket.operate(String(id), '{ viewer { role } }');
    expect(await socket.next()).toMatchObject({ id: '6', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { viewer: { role: 'ADMIN' } } } });
  });
});

describe('operations that the client has completed', () => {
  test('count for as long as they run: beyond twice as many as may be open, the next is refused', async () => {
    const socket = await open();
    for (let id = 1; id <= 10; id++) {
      socket.operate(String(id), '{ slow(ms: 500) }');
      complete(socket, String(id));
    }
    socket.operate('11', 'mutation { createApiKey(input: { name: "one too many", role: ADMIN }) { apiKey { id } } }');
    expect(await socket.next()).toMatchObject({ id: '11', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    await expect(socket.next(600)).rejects.toThrow();
    expect(await edge.db.emOfAllTenants().count(ApiKey, { name: 'one too many' })).toBe(0);
    socket.operate('12', '{ viewer { role } }');
    expect(await socket.next()).toMatchObject({ id: '12', type: 'next' });
  });

  test('leave room for as many anew: a client may end all of them and begin others in one go', async () => {
    const socket = await open();
    const ids = ['1', '2', '3', '4', '5'];
    for (const id of ids) socket.operate(id, SILENCE);
    for (const id of ids) complete(socket, id);
    for (const id of ids) socket.operate(`again ${id}`, SILENCE);
    const frames = await Promise.all(Array.from({ length: 10 }, () => socket.next()));
    expect(frames.filter(({ type, id }) => type === 'next' && id?.startsWith('again'))).toHaveLength(10);
  });
});
