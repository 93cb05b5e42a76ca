import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/config.js';
import { SIGNATURE_HEADER, signatureOf } from '../../../src/delivery/providers/simulator/simulator-signature.js';
import { SimulatorProvider } from '../../../src/delivery/providers/simulator/simulator.provider.js';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import { SECRET, SILENT, startSimulator, type Settings, type StartedSimulator } from './start-simulator.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const start = async (settings?: Settings): Promise<StartedSimulator> => {
  const simulator = await startSimulator(settings);
  closing.push(() => simulator.close());
  return simulator;
};
const providerAt = (url: string, secret = SECRET) => {
  const provider = new SimulatorProvider({
    url,
    secret,
    publicUrl: () => 'http://127.0.0.1:1',
    timeoutMs: 200,
    connections: 1,
    log: SILENT,
  });
  closing.push(() => provider.close());
  return provider;
};
/** A provider whose far side is not the simulator. */
const providerBefore = async (answer: RequestListener): Promise<SimulatorProvider> => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return providerAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

describe('send', () => {
  test('tells segments and cost at once', async () => {
    const { provider } = await start();
    expect(await provider.send(outbound(), patience())).toMatchObject({ segments: 1, cost: { amount: '0.0075', currency: 'USD' } });
  });

  test.each([
    [
      'a connection cut after the request proves nothing',
      (_, response) => response.destroy(),
      { kind: 'PROVIDER_UNAVAILABLE', answered: false },
    ],
    [
      'a 502 of a machine between proves nothing',
      (_, response) => response.writeHead(502).end(),
      { kind: 'PROVIDER_UNAVAILABLE', answered: false },
    ],
    ['a 500 says that nothing was taken', (_, response) => response.writeHead(500).end(), { kind: 'PROVIDER_UNAVAILABLE', answered: true }],
    ['a 201 without an id proves nothing', (_, response) => response.writeHead(201).end('{}'), { kind: 'UNKNOWN', answered: false }],
  ] satisfies [string, RequestListener, object][])('%s', async (_, answer, { kind, answered }) => {
    const error = await failureOf(await providerBefore(answer), outbound());
    expect(error).toMatchObject({ kind, options: { answered, retryable: true } });
  });

  test('a 429 tells when to come back', async () => {
    const provider = await providerBefore((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const error = await failureOf(provider, outbound());
    expect(error).toMatchObject({ kind: 'RATE_LIMITED', options: { answered: true, retryable: true, retryAfterSeconds: 7 } });
  });

  test('a message whose call was given up before it found a free connection was never sent', async () => {
    const { server, provider } = await start({ connections: 1, timeoutMs: 2_000 });
    const [held, waiting] = [outbound({ to: '+15005550016' }), outbound()];
    const errors = await Promise.all([failureOf(provider, held), failureOf(provider, waiting, AbortSignal.timeout(100))]);
    expect(errors.map(({ options }) => options.answered)).toEqual([false, true]);
    expect([server.asked(held.id), server.asked(waiting.id)]).toEqual([1, 0]);
  });

  test('a call stopped half-way may have been taken', async () => {
    const { provider } = await start();
    const error = await failureOf(provider, outbound({ to: '+15005550010' }), AbortSignal.timeout(100));
    expect(error).toMatchObject({ kind: 'TIMEOUT', options: { answered: false, code: 'ABORTED' } });
  });

  test('a wrong secret is a fault of the settings', async () => {
    const { server } = await start();
    const provider = providerAt(server.url, new Secret('another'));
    const message = outbound();
    expect(await failureOf(provider, message)).toMatchObject({
      kind: 'SENDER_MISCONFIGURED',
      options: { answered: true, retryable: false, ofAccount: true },
    });
    await expect(provider.ping(patience())).rejects.toThrow('The simulator answered 401.');
    expect(server.asked(message.id)).toBe(0);
  });
});

describe('lookUp', () => {
  const lookUp = (provider: SimulatorProvider, message: ReturnType<typeof outbound>, notBefore = new Date()) =>
    provider.lookUp({ ...message, providerMessageId: null, notBefore }, patience());

  test('an earlier attempt is not taken for the one that was asked for', async () => {
    const { provider } = await start();
    const message = outbound();
    await provider.send(message, patience());
    expect(await lookUp(provider, { ...message, attempt: 2 })).toEqual({ found: false });
    expect(await lookUp(provider, message)).toMatchObject({ found: true, receipt: { attempt: 1, messageId: message.id } });
  });

  test('a simulator that was started later cannot tell', async () => {
    const { provider } = await start();
    const reason = 'The simulator no longer remembers messages of that time.';
    expect(await lookUp(provider, outbound(), new Date(Date.now() - 60_000))).toEqual({ found: 'unknown', reason });
  });

  test('a simulator that had to forget cannot tell', async () => {
    const { provider } = await start({ limits: { messages: 1, counts: 10 } });
    const [first, notBefore] = [outbound(), new Date()];
    await provider.send(first, patience());
    await provider.send(outbound(), patience());
    expect(await lookUp(provider, first, notBefore)).toMatchObject({ found: 'unknown' });
  });

  test('an answer that makes no sense tells nothing', async () => {
    const provider = await providerBefore((_, response) => response.writeHead(404).end('not here'));
    expect(await lookUp(provider, outbound())).toEqual({ found: 'unknown', reason: 'The simulator answered 404.' });
  });
});

describe('webhooks', () => {
  test.each(['not JSON', '{"sid":1}'])('a signed body that is not the simulator’s is refused: %s', async (rawBody) => {
    const { webhooks } = providerAt('http://127.0.0.1:1');
    const url = 'http://127.0.0.1:1/webhooks/simulator/status?m=1&a=1';
    const request = { url, rawBody, headers: { [SIGNATURE_HEADER]: signatureOf(SECRET, { url, rawBody }) } };
    expect(() => webhooks.receipts(request)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(() => webhooks.incoming(request)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});
