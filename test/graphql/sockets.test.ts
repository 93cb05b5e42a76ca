import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ApiKey } from '../../src/accounts/api-key.entity.js';
import { gql } from '../support/gql.js';
import { RawSocket } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

const TICKS = 'subscription ($count: Int!) { ticks(count: $count) }';
const SILENCE = 'subscription { silence }';

const probe = new ProbeResolver();
const opened: RawSocket[] = [];
let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({
    resolvers: [probe],
    sockets: { heartbeatMs: 150, revalidateMs: 100, initMs: 200, maxSocketsPerKey: 3, maxOperations: 5 },
  });
});
afterEach(() => opened.splice(0).forEach((socket) => socket.close()));
afterAll(() => edge.stop());

async function open(key?: string): Promise<RawSocket> {
  const socket = key === undefined ? await RawSocket.open(edge.url) : await RawSocket.signedIn(edge.url, key);
  opened.push(socket);
  return socket;
}

describe('signing in', () => {
  test('a key in connectionParams opens subscriptions', async () => {
    const subscription = edge.admin.subscribe(TICKS, { count: 3 });
    expect(await subscription.take(3)).toEqual([{ ticks: 1 }, { ticks: 2 }, { ticks: 3 }]);
    await expect(subscription.next()).rejects.toThrow('complete');
    await subscription.close();
  });

  test('so does a key in the header', async () => {
    const socket = await RawSocket.open(edge.url, { headers: { authorization: `Bearer ${edge.admin.key}` } });
    opened.push(socket);
    socket.send({ type: 'connection_init' });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
  });

  test.each([{}, { authorization: 'Bearer hg_unknown' }, { authorization: 7 }, { authorization: 'Basic x' }])(
    'with %j the socket is closed with 4401',
    async (payload) => {
      const socket = await open();
      socket.send({ type: 'connection_init', payload });
      expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    },
  );

  test('an operation before signing in closes the socket with 4401', async () => {
    const socket = await open();
    socket.operate('1', TICKS, { count: 1 });
    expect((await socket.closed).code).toBe(4401);
  });

  test('a socket that does not sign in in time is closed with 4408', async () => {
    expect((await (await open()).closed).code).toBe(4408);
  });

  test.each(['connection_ack', 'next', 'error'])('a client that says "%s", which only servers say, is closed with 4400', async (type) => {
    const socket = await open(edge.admin.key);
    const payload = type === 'error' ? [{ message: 'x' }] : {};
    socket.send(type === 'connection_ack' ? { type } : { id: '1', type, payload });
    expect(await socket.closed).toEqual({ code: 4400, reason: 'Unexpected message' });
  });

  test('a client of the old protocol is refused', async () => {
    const socket = new WebSocket(`${edge.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    const refused = new Promise((_resolve, reject) => socket.once('error', reject));
    await expect(refused).rejects.toThrow('no subprotocol');
  });

  test('sockets open at /graphql only', async () => {
    await expect(RawSocket.open(`${edge.url}/elsewhere`)).rejects.toThrow('404');
  });

  test('one key may hold so many sockets, and a place is free again when one closes', async () => {
    const { secret } = await edge.key('ADMIN');
    const [first] = [await open(secret), await open(secret), await open(secret)];
    const fourth = await open();
    fourth.send({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } });
    expect(await fourth.closed).toEqual({ code: 4429, reason: 'Too many connections with this key' });
    first.close();
    await expect.poll(async () => (await open(secret)).socket.readyState).toBe(1);
  });
});

describe('operations', () => {
  test('queries and mutations work too', async () => {
    const socket = await open(edge.admin.key);
    socket.operate('a', '{ viewer { role } }');
    expect(await socket.next()).toEqual({ id: 'a', type: 'next', payload: { data: { viewer: { role: 'ADMIN' } } } });
    expect(await socket.next()).toEqual({ id: 'a', type: 'complete' });
  });

  test('rights hold for subscriptions: before the first event, not at it', async () => {
    const { api } = await edge.key('SENDER');
    const before = probe.openStreams;
    const subscription = api.subscribe(TICKS, { count: 1 });
    await expect(subscription.next()).rejects.toThrow('FORBIDDEN');
    expect(probe.openStreams).toBe(before);
    await subscription.close();
  });

  test('each event is answered with loaders of its own', async () => {
    const subscription = edge.admin.subscribe(SILENCE);
    expect(await subscription.take(2)).toEqual([{ silence: 1 }, { silence: 2 }]);
    await subscription.expectSilence(100);
    await subscription.close();
  });

  test('a client that stops listening ends the stream at once, without another event', async () => {
    const subscription = edge.admin.subscribe(SILENCE);
    await subscription.take(2);
    const before = probe.openStreams;
    await subscription.close();
    await expect.poll(() => probe.openStreams).toBe(before - 1);
  });

  test('a subscription whose event cannot be read ends with UNAVAILABLE, so that the client resumes before it', async () => {
    const socket = await open(edge.admin.key);
    const before = probe.openStreams;
    probe.isAway = true;
    socket.operate('1', 'subscription { stored }');
    const frame = await socket.next();
    probe.isAway = false;
    expect(frame).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code: 'UNAVAILABLE' } }] });
    await expect(socket.next(100)).rejects.toThrow();
    expect(probe.openStreams).toBe(before);
  });

  test('more operations than allowed on one socket are refused, the others go on', async () => {
    const socket = await open(edge.admin.key);
    for (let id = 1; id <= 6; id++) socket.operate(String(id), '{ slow(ms: 300) }');
    expect(await socket.next()).toMatchObject({ id: '6', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    const done = [await socket.next(), await socket.next()];
    expect(done.map(({ type }) => type)).toEqual(['next', 'complete']);
  });

  test.each([
    'subscription { silence @skip(if: true) }',
    'subscription { silence @include(if: false) }',
    'subscription { ... @skip(if: true) { silence } }',
    'subscription { ...part @skip(if: true) } fragment part on Subscription { silence }',
  ])('%s, which leaves nothing to subscribe to, is refused, and the socket stays', async (query) => {
    const socket = await open(edge.admin.key);
    const before = probe.startedStreams;
    socket.operate('1', query);
    expect(await socket.next()).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(probe.startedStreams).toBe(before);
    socket.operate('2', 'subscription { ticks(count: 1) @include(if: true) }');
    expect(await socket.next()).toMatchObject({ id: '2', type: 'next', payload: { data: { ticks: 1 } } });
  });

  test('a subscription over HTTP is refused with the way to go', async () => {
    const { status, errors } = await edge.admin.execute(TICKS, { count: 1 });
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ message: expect.stringContaining('WebSocket'), extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('a key that ends', () => {
  test('by revocation closes its sockets with 4403 and ends their streams', async () => {
    const { id, api } = await edge.key('ADMIN');
    const subscription = api.subscribe(SILENCE);
    await subscription.take(2);
    const before = probe.openStreams;
    await edge.admin.mutate(`mutation { revokeApiKey(id: "${id}") { userErrors { code } } }`);
    expect(await subscription.closed).toMatchObject({ code: 4403, reason: 'Forbidden' });
    await expect.poll(() => probe.openStreams).toBe(before - 1);
  });

  test('by revocation changes nothing any more, not even on a socket that is still closing', async () => {
    const { id, secret } = await edge.key('ADMIN');
    const socket = await open(secret);
    // A client that does not read has not seen the close frame, nor answered it.
    socket.socket.pause();
    await edge.admin.mutate(`mutation { revokeApiKey(id: "${id}") { userErrors { code } } }`);
    socket.operate('1', 'mutation { createApiKey(input: { name: "too late", role: ADMIN }) { apiKey { id } } }');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await edge.db.emOfAllTenants().count(ApiKey, { name: 'too late' })).toBe(0);
  });

  test('by a revocation that nobody published closes them within seconds', async () => {
    const { id, api } = await edge.key('ADMIN');
    const subscription = api.subscribe(SILENCE);
    await subscription.take(2);
    await edge.db.emOfAllTenants().nativeUpdate(ApiKey, { id }, { revokedAt: new Date() });
    expect(await subscription.closed).toMatchObject({ code: 4403 });
  });

  test('by expiry closes them too, and no others', async () => {
    const bystander = edge.admin.subscribe(SILENCE);
    const { api } = await edge.key('ADMIN', { expiresAt: new Date(Date.now() + 300) });
    const subscription = api.subscribe(SILENCE);
    expect(await subscription.closed).toMatchObject({ code: 4403 });
    await bystander.take(2);
    await bystander.expectSilence(50);
    await bystander.close();
  });
});

describe('a client', () => {
  test('that answers no ping is cut off', async () => {
    const socket = await RawSocket.open(edge.url, { autoPong: false });
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${edge.admin.key}` } });
    expect((await socket.closed).code).toBe(1006);
  });

  test('that answers stays', async () => {
    const socket = await open(edge.admin.key);
    await new Promise((resolve) => setTimeout(resolve, 600));
    socket.operate('1', '{ viewer { role } }');
    expect((await socket.next()).type).toBe('next');
  });
});

describe('when the server stops', () => {
  const stopping = async (graceMs: number, during: (socket: RawSocket, other: TestEdge) => Promise<void>) => {
    const other = await startEdge({ resolvers: [new ProbeResolver()] });
    const socket = await RawSocket.signedIn(other.url, other.admin.key ?? '');
    await during(socket, other);
    const began = Date.now();
    const stopped = other.http.stop(graceMs);
    return { socket, other, stopped: stopped.then(() => Date.now() - began) };
  };
  const slow = (ms: number) => async (socket: RawSocket) => {
    socket.operate('slow', `{ slow(ms: ${ms}) }`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  };

  test('clients are told to come back', async () => {
    const other = await startEdge({ resolvers: [new ProbeResolver()] });
    const subscription = gql(other.url, other.admin.key).subscribe(SILENCE);
    await subscription.take(2);
    await other.stop();
    expect(await subscription.closed).toMatchObject({ code: 1001, reason: 'Going away' });
  });

  test('an operation under way is answered before', async () => {
    const { socket, other, stopped } = await stopping(5_000, slow(400));
    expect(await socket.next()).toEqual({ id: 'slow', type: 'next', payload: { data: { slow: 'done' } } });
    expect(await socket.next()).toEqual({ id: 'slow', type: 'complete' });
    expect((await socket.closed).code).toBe(1001);
    expect(await stopped).toBeLessThan(1_500);
    await other.stop();
  });

  test('an operation that comes later is left to be repeated elsewhere, and a subscription is not told that it is complete', async () => {
    const { socket, other, stopped } = await stopping(5_000, async (signedIn) => {
      signedIn.operate('live', SILENCE);
      await signedIn.next();
      await signedIn.next();
      await slow(300)(signedIn);
    });
    socket.operate('late', 'mutation { createApiKey(input: { name: "late", role: ADMIN }) { apiKey { id } } }');
    expect([await socket.next(), await socket.next()]).toMatchObject([
      { id: 'slow', type: 'next' },
      { id: 'slow', type: 'complete' },
    ]);
    await expect(socket.next()).rejects.toThrow('The socket was closed: 1001.');
    await stopped;
    expect(await other.db.emOfAllTenants().count(ApiKey, { name: 'late' })).toBe(0);
    await other.stop();
  });

  test('an operation that takes longer than the stop may is cut, and so is a client that does not answer', async () => {
    const { socket, other, stopped } = await stopping(400, async (signedIn, { url, admin }) => {
      (await RawSocket.signedIn(url, admin.key ?? '')).socket.pause();
      await slow(5_000)(signedIn);
    });
    expect((await socket.closed).code).toBe(1001);
    expect(await stopped).toBeLessThan(1_500);
    await other.stop();
  });
});
