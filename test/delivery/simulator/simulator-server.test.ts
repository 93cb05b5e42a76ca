import { Writable } from 'node:stream';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import { call, startSimulator, type StartedSimulator } from './start-simulator.js';

let simulator: StartedSimulator;
let logged: string[];
beforeEach(async () => {
  logged = [];
  const lines = new Writable({ write: (line, _, done) => done(void logged.push(String(line))) });
  simulator = await startSimulator({ log: pino({ level: 'warn' }, lines) });
});
afterEach(() => simulator.close());

const send = (message = outbound()) => simulator.provider.send(message, patience());
const request = (changes: object = {}) => ({ ...outbound(), callbackUrl: 'http://127.0.0.1:1/', ...changes });
const json = async (calling: Promise<Response>): Promise<{ status: number; body: unknown }> => {
  const response = await calling;
  return { status: response.status, body: await response.json() };
};

describe('counting', () => {
  test('a message asked for twice is taken twice, as with any provider', async () => {
    const message = outbound();
    await send(message);
    await send({ ...message, attempt: 2 });
    expect(await json(call(simulator.server, `/counts?id=${message.id}`))).toEqual({ status: 200, body: { asked: 2, taken: 2 } });
    expect(simulator.server.takenTotal()).toBe(2);
    expect(simulator.server.messages().map(({ id, attempt }) => ({ id, attempt }))).toEqual(
      [1, 2].map((attempt) => ({ id: message.id, attempt })),
    );
  });

  test('the totals are of all messages', async () => {
    await send();
    await failureOf(simulator.provider, outbound({ to: '+15005550001' }));
    expect(await json(call(simulator.server, '/counts'))).toEqual({ status: 200, body: { asked: 2, taken: 1 } });
    expect(await json(call(simulator.server, '/counts?id=unheard-of'))).toEqual({ status: 200, body: { asked: 0, taken: 0 } });
  });
});

describe('a look-up', () => {
  test('by either id shows the state, and changes with it', async () => {
    const message = outbound();
    const { providerMessageId } = await send(message);
    await vi.waitUntil(() => simulator.webhooks.of(message.id).length === 2);
    const state = { sid: providerMessageId, id: message.id, attempt: 1, status: 'delivered', segments: 1 };
    for (const path of [`/messages/${providerMessageId}`, `/messages?id=${message.id}`, `/messages?id=${message.id}&attempt=1`])
      expect(await json(call(simulator.server, path))).toMatchObject({ status: 200, body: state });
  });

  test.each(['/messages/unheard-of', '/messages?id=unheard-of', '/nowhere'])('%s is not found', async (path) => {
    expect((await call(simulator.server, path)).status).toBe(404);
  });
});

describe('a call that is wrong', () => {
  test('in its token is refused and not counted', async () => {
    const message = request();
    expect(await json(call(simulator.server, '/messages', message, 'another'))).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect(simulator.server.asked(message.id)).toBe(0);
    expect((await fetch(`${simulator.server.url}/healthz`)).status).toBe(200);
  });

  test('in its fields is told which, and not counted', async () => {
    const message = request({ attempt: 0, callbackUrl: 'ftp://nowhere' });
    const body = { code: 'invalid_request', message: 'Missing or wrong: attempt, callbackUrl.' };
    expect(await json(call(simulator.server, '/messages', message))).toEqual({ status: 400, body });
    expect(simulator.server.asked(message.id)).toBe(0);
  });

  test('in its URL is refused', async () => {
    expect(await json(call(simulator.server, '//'))).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(logged).toEqual([]);
  });

  test('in its size is refused', async () => {
    const message = request({ body: 'x'.repeat(70_000) });
    expect(await json(call(simulator.server, '/messages', message))).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });
});

describe('POST /incoming', () => {
  const incoming = { channel: 'WHATSAPP', from: '+966500000001', to: '+15005550006', body: 'STOP' };

  test('a person’s message reaches the webhook of the last sender, signed', async () => {
    await send();
    const { status, body } = await json(call(simulator.server, '/incoming', incoming));
    await vi.waitUntil(() => simulator.webhooks.incoming.length === 1);
    expect(status).toBe(202);
    expect(simulator.webhooks.incoming).toEqual([{ ...incoming, mediaUrls: [], providerMessageId: (body as { sid: string }).sid }]);
  });

  test('before any message it must say where to', async () => {
    expect(await json(call(simulator.server, '/incoming', incoming))).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(simulator.webhooks.calls).toBe(0);
  });
});

describe('a receipt', () => {
  test.each([503, 429])('is posted again while the receiver answers %i, and the next one waits for it', async (status) => {
    const message = outbound();
    simulator.webhooks.faults.push(status, status);
    await send(message);
    await vi.waitUntil(() => simulator.webhooks.of(message.id).length === 2);
    expect(simulator.webhooks.statuses(message.id)).toEqual(['sent', 'delivered']);
    expect(simulator.webhooks.calls).toBe(4);
    expect(logged).toEqual([]);
  });

  test('that the receiver refuses is given up, and logged without number and body', async () => {
    const message = outbound();
    simulator.webhooks.faults.push(403);
    await send(message);
    await vi.waitUntil(() => simulator.webhooks.of(message.id).length === 1);
    expect(simulator.webhooks.statuses(message.id)).toEqual(['delivered']);
    expect(logged.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ messageId: message.id, status: 'sent', answer: 403 }]);
    expect(logged.join()).not.toMatch(/966500000001|visit/);
  });
});

test('at speed 1 a message lives as real ones do', async () => {
  const lifelike = await startSimulator({ speed: 1 });
  const [message, started] = [outbound(), performance.now()];
  await lifelike.provider.send(message, patience());
  expect(performance.now() - started).toBeGreaterThanOrEqual(30);
  await vi.waitUntil(() => lifelike.webhooks.of(message.id).length === 1, { timeout: 5_000 });
  expect(performance.now() - started).toBeGreaterThanOrEqual(430);
  await lifelike.close();
});
