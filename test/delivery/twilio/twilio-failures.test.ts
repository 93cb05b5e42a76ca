import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/config.js';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import type { Behaviour } from '../../support/twilio-server.js';
import { type StartedTwilio, startTwilio, twilioProvider } from './start-twilio.js';

describe('a send through Twilio that fails', () => {
  let twilio: StartedTwilio;
  beforeEach(async () => void (twilio = await startTwilio({ timeoutMs: 200, connections: 1 })));
  afterEach(() => twilio.close());
  const failAfter = (behaviour: Behaviour, message = outbound(), signal = patience()) => {
    twilio.server.next(behaviour);
    return failureOf(twilio.provider, message, signal);
  };

  test.each([
    ['+15005550001', '21211', 'INVALID_RECIPIENT'],
    ['+15005550002', '21612', 'UNREACHABLE'],
    ['+15005550003', '21408', 'SENDER_MISCONFIGURED'],
    ['+15005550004', '21610', 'OPTED_OUT'],
    ['+15005550009', '21614', 'INVALID_RECIPIENT'],
  ])('the magic number %s ends as %s, %s', async (to, code, kind) => {
    const error = await failureOf(twilio.provider, outbound({ to }));
    expect(error).toMatchObject({ kind, options: { answered: true, retryable: false, code } });
    expect(twilio.server.messages).toEqual([]);
  });

  test.each<[string, Behaviour, object]>([
    ['too many requests, with a wait', { answer: { status: 429, code: 20429, headers: { 'retry-after': '7' } } }, { retryAfterSeconds: 7 }],
    [
      'too many requests, without a code',
      { answer: { status: 429, body: 'slow down' } },
      { code: 'HTTP_429', retryAfterSeconds: undefined },
    ],
    ['a full queue of the sender', { answer: { status: 429, code: 21611 } }, { code: '21611' }],
  ])('%s: may be sent later', async (_, behaviour, options) => {
    const error = await failAfter(behaviour);
    expect(error).toMatchObject({ kind: 'RATE_LIMITED', options: { answered: true, retryable: true, ...options } });
  });

  test('a date in Retry-After is counted from now', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 30_000).toUTCString() };
    const { options } = await failAfter({ answer: { status: 429, headers } });
    expect(options.retryAfterSeconds).toBeGreaterThanOrEqual(28);
    expect(options.retryAfterSeconds).toBeLessThanOrEqual(30);
  });

  test.each<[string, Behaviour, string]>([
    ['a 500', { answer: { status: 500, code: 20500 } }, '20500'],
    ['a 503 of a machine in front', { answer: { status: 503, body: '<html>' } }, 'HTTP_503'],
    ['a 408', { answer: { status: 408, body: '' } }, 'HTTP_408'],
    ['a redirection', { answer: { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } } }, 'HTTP_302'],
    ['a 201 that is no JSON', { answer: { status: 201, body: '{"sid": "SM' } }, 'UNREADABLE_ANSWER'],
    ['a 201 without a sid', { answer: { status: 201, body: '{}' } }, 'UNREADABLE_ANSWER'],
    ['a 201 with null', { answer: { status: 201, body: 'null' } }, 'UNREADABLE_ANSWER'],
    ['a connection cut before the answer', { answer: 'cut' }, 'UND_ERR_SOCKET'],
  ])('%s leaves the message in doubt', async (_, behaviour, code) => {
    const message = outbound();
    const error = await failAfter({ ...behaviour, take: true }, message);
    expect(error).toMatchObject({ kind: 'PROVIDER_UNAVAILABLE', options: { answered: false, code } });
    expect(twilio.server.sent(message.id)).toBe(1);
  });

  test('an answer that comes too late leaves the message in doubt', async () => {
    const message = outbound();
    const error = await failAfter({ delayMs: 300 }, message);
    expect(error).toMatchObject({ kind: 'TIMEOUT', options: { answered: false, code: 'TIMEOUT' } });
    await expect.poll(() => twilio.server.sent(message.id)).toBe(1);
  });

  test('a call withdrawn while it runs leaves the message in doubt, at once', async () => {
    const started = performance.now();
    const error = await failAfter({ answer: 'silence' }, outbound(), AbortSignal.timeout(50));
    expect(error).toMatchObject({ kind: 'TIMEOUT', options: { answered: false, code: 'ABORTED' } });
    expect(performance.now() - started).toBeLessThan(180);
  });

  test('a message that waited for a free connection until its time-out is told of as not sent only if it was not', async () => {
    const [first, second] = [outbound(), outbound()];
    // Twice: on a busy machine the second may get the connection in its last moment.
    twilio.server.next({ answer: 'silence', times: 2 });
    const [held, waited] = await Promise.all([failureOf(twilio.provider, first), failureOf(twilio.provider, second)]);
    expect(held.options.answered).toBe(false);
    expect(waited.options.answered).toBe(twilio.server.requests.length === 1);
  });

  test('a message withdrawn while it waited for a free connection is not sent later', async () => {
    const waiting = outbound();
    twilio.server.next({ delayMs: 100 });
    const running = twilio.provider.send(outbound(), patience());
    const error = await failureOf(twilio.provider, waiting, AbortSignal.timeout(30));
    expect(error.options).toMatchObject({ answered: true, retryable: true, code: 'ABORTED' });
    await running;
    await twilio.provider.send(outbound(), patience());
    expect(twilio.server.sent(waiting.id)).toBe(0);
  });

  test('a host without an address and a port that is not HTTP are told apart', async () => {
    const nowhere = twilioProvider({ apiBaseUrl: 'http://twilio.invalid' });
    expect(await failureOf(nowhere, outbound())).toMatchObject({
      kind: 'PROVIDER_UNAVAILABLE',
      options: { answered: true, retryable: true },
    });
    const plain = twilioProvider({ apiBaseUrl: twilio.server.url.replace('http:', 'https:') });
    expect(await failureOf(plain, outbound())).toMatchObject({
      kind: 'PROVIDER_UNAVAILABLE',
      options: { answered: true, retryable: true },
    });
    await Promise.all([nowhere.close(), plain.close()]);
    expect(twilio.server.requests).toEqual([]);
  });

  test('a closed provider sends nothing', async () => {
    await twilio.provider.close();
    expect((await failureOf(twilio.provider, outbound())).options).toMatchObject({ answered: true, retryable: true });
    expect(twilio.server.requests).toEqual([]);
  });

  test('a storm of 429 is passed on call by call, not repeated', async () => {
    twilio.server.next({ answer: { status: 429, code: 20429 }, times: 20 });
    const errors = await Promise.all(Array.from({ length: 20 }, () => failureOf(twilio.provider, outbound())));
    expect(errors.filter(({ kind }) => kind === 'RATE_LIMITED')).toHaveLength(20);
    expect(twilio.server.requests).toHaveLength(20);
  });

  test('wrong credentials are the sender’s fault and stay secret', async () => {
    const provider = twilioProvider({ apiBaseUrl: twilio.server.url, authToken: new Secret('another_token') });
    const error = await failureOf(provider, outbound());
    await provider.close();
    expect(error).toMatchObject({
      kind: 'SENDER_MISCONFIGURED',
      options: { answered: true, retryable: false, code: '20003', ofAccount: true },
    });
    const shown = inspect([error, provider], { depth: null, showHidden: true });
    expect(shown).not.toContain('another_token');
    expect(shown).not.toContain(Buffer.from(':another_token').toString('base64').slice(4, -4));
  });

  test('a 403 without a code is the sender’s fault too', async () => {
    const error = await failAfter({ answer: { status: 403, body: 'forbidden' } });
    expect(error).toMatchObject({
      kind: 'SENDER_MISCONFIGURED',
      options: { answered: true, retryable: false, code: 'HTTP_403', ofAccount: true },
    });
  });

  test.each<[number, number]>([
    [400, 21408],
    [400, 21608],
    [400, 21606],
    [400, 63007],
    [403, 21999],
  ])('a %i with %i stops this message, and not the account', async (status, code) => {
    const error = await failAfter({ answer: { status, code } });
    expect(error).toMatchObject({ kind: 'SENDER_MISCONFIGURED', options: { retryable: false, ofAccount: false } });
  });
});
