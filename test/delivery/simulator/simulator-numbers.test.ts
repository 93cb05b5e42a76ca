import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OutboundMessage } from '../../../src/delivery/provider.js';
import { SIMULATOR_NUMBERS } from '../../../src/delivery/providers/simulator/simulator-outcomes.js';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import { startSimulator, type StartedSimulator } from './start-simulator.js';

let simulator: StartedSimulator;
beforeAll(async () => void (simulator = await startSimulator({ timeoutMs: 200 })));
afterAll(() => simulator.close());

const counts = ({ id }: OutboundMessage) => ({ asked: simulator.server.asked(id), taken: simulator.server.taken(id) });
const lookUp = (message: OutboundMessage) =>
  simulator.provider.lookUp({ ...message, providerMessageId: null, notBefore: new Date() }, patience());

/** Sends it and waits for so many receipts; returns their statuses. */
async function reported(message: OutboundMessage, receipts: number): Promise<string[]> {
  await simulator.provider.send(message, patience());
  await vi.waitUntil(() => simulator.webhooks.of(message.id).length >= receipts);
  return simulator.webhooks.statuses(message.id);
}

/** When this returns, a receipt that is due has come. */
const settle = () => reported(outbound({ channel: 'WHATSAPP' }), 3);

test('a WhatsApp user id is reached by WhatsApp, and by SMS it is no number', async () => {
  const to = 'SA.13491208655302741918';
  expect(await reported(outbound({ channel: 'WHATSAPP', to }), 3)).toEqual(['sent', 'delivered', 'read']);
  const message = outbound({ channel: 'SMS', to });
  expect(await failureOf(simulator.provider, message)).toMatchObject({ kind: 'INVALID_RECIPIENT', options: { code: 'invalid_number' } });
  expect(counts(message)).toEqual({ asked: 1, taken: 0 });
});

describe.each(['SMS', 'WHATSAPP'] as const)('over %s', (channel) => {
  const to = (number: string) => outbound({ channel, to: number });

  test('any other number is delivered, and read on WhatsApp', async () => {
    const message = to('+966500000001');
    const all = channel === 'SMS' ? ['sent', 'delivered'] : ['sent', 'delivered', 'read'];
    expect(await reported(message, all.length)).toEqual(all);
    await settle();
    expect(simulator.webhooks.statuses(message.id)).toEqual(all);
    expect(counts(message)).toEqual({ asked: 1, taken: 1 });
  });

  test.each([
    ['+15005550001', 'INVALID_RECIPIENT', 'invalid_number'],
    ['+15005550002', 'OPTED_OUT', 'opted_out'],
    ['+15005550003', 'INVALID_RECIPIENT', 'landline'],
    ['+15005550004', 'CONTENT_REJECTED', 'content_rejected'],
    ['05005550001', 'INVALID_RECIPIENT', 'invalid_number'],
  ])('%s is refused for good: %s', async (number, kind, code) => {
    const message = to(number);
    const error = await failureOf(simulator.provider, message);
    expect(error).toMatchObject({ kind, options: { answered: true, retryable: false, code } });
    expect(counts(message)).toEqual({ asked: 1, taken: 0 });
  });

  test('…0009 is sent, then undelivered because the phone is unreachable', async () => {
    const message = to('+15005550009');
    expect(await reported(message, 2)).toEqual(['sent', 'undelivered']);
    const error = { kind: 'UNREACHABLE', retryable: false, code: 'unreachable', message: 'The phone could not be reached.' };
    expect(simulator.webhooks.of(message.id)[1]).toMatchObject({ status: 'FAILED', error });
    expect(await lookUp(message)).toMatchObject({ found: true, receipt: { status: 'FAILED', error } });
  });

  test('…0010 takes the message, lets the caller wait in vain, then reports', async () => {
    const message = to('+15005550010');
    const error = await failureOf(simulator.provider, message);
    expect(error).toMatchObject({ kind: 'TIMEOUT', options: { answered: false } });
    await vi.waitUntil(() => simulator.webhooks.of(message.id).length === 2);
    expect(simulator.webhooks.statuses(message.id)).toEqual(['sent', 'delivered']);
    expect(counts(message)).toEqual({ asked: 1, taken: 1 });
  });

  test.each([
    [
      '+15005550011',
      { kind: 'RATE_LIMITED', options: { answered: true, retryable: true, code: 'too_many_requests', retryAfterSeconds: 0 } },
    ],
    ['+15005550012', { kind: 'PROVIDER_UNAVAILABLE', options: { answered: true, retryable: true, code: 'internal_error' } }],
  ])('%s refuses twice, then takes the message once', async (number, refusal) => {
    const message = to(number);
    expect(await failureOf(simulator.provider, message)).toMatchObject(refusal);
    expect(await failureOf(simulator.provider, { ...message, attempt: 2 })).toMatchObject(refusal);
    expect((await reported({ ...message, attempt: 3 }, 2)).slice(0, 2)).toEqual(['sent', 'delivered']);
    expect(simulator.webhooks.of(message.id).map(({ attempt }) => attempt)).toContain(3);
    expect(counts(message)).toEqual({ asked: 3, taken: 1 });
  });

  test('…0013 reports out of order and repeats itself, word for word', async () => {
    const message = to('+15005550013');
    expect(await reported(message, 5)).toEqual(['delivered', 'delivered', 'sent', 'sent', 'sent']);
    const keys = simulator.webhooks.of(message.id).map(({ dedupeKey }) => dedupeKey);
    expect(new Set(keys).size).toBe(2);
    expect(await lookUp(message)).toMatchObject({ found: true, receipt: { status: 'DELIVERED' } });
  });

  test('…0014 is delivered without a receipt: only a look-up tells', async () => {
    const message = to('+15005550014');
    await simulator.provider.send(message, patience());
    await vi.waitUntil(async () => JSON.stringify(await lookUp(message)).includes('DELIVERED'));
    await settle();
    expect(simulator.webhooks.of(message.id)).toEqual([]);
    expect(counts(message)).toEqual({ asked: 1, taken: 1 });
  });

  test('…0015 is sent soon and delivered after 60 seconds of its own clock', async () => {
    const message = to('+15005550015');
    const started = performance.now();
    expect(await reported(message, 1)).toEqual(['sent']);
    await vi.waitUntil(() => simulator.webhooks.of(message.id).length === 2);
    expect(performance.now() - started).toBeGreaterThanOrEqual(60);
    expect(simulator.webhooks.statuses(message.id)).toEqual(['sent', 'delivered']);
  });

  test('…0016 never answers and never took the message', async () => {
    const message = to('+15005550016');
    const error = await failureOf(simulator.provider, message);
    expect(error).toMatchObject({ kind: 'TIMEOUT', options: { answered: false } });
    await settle();
    expect(simulator.webhooks.of(message.id)).toEqual([]);
    expect(counts(message)).toEqual({ asked: 1, taken: 0 });
  });
});

test('every number of the table is E.164, unlike the others and explained in one line', () => {
  const numbers = SIMULATOR_NUMBERS.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].filter((number) => /^\+1500555\d{4}$/.test(number)));
  for (const { meaning } of SIMULATOR_NUMBERS) expect(meaning).toMatch(/^[A-Z][^\n]+\.$/);
});
