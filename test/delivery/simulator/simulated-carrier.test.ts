import { afterEach, expect, test } from 'vitest';
import { CallbackSender } from '../../../src/delivery/providers/simulator/callback-sender.js';
import { SimulatedCarrier } from '../../../src/delivery/providers/simulator/simulated-carrier.js';
import { SimulatorLedger } from '../../../src/delivery/providers/simulator/simulator-ledger.js';
import type { MessageRequest } from '../../../src/delivery/providers/simulator/simulator-protocol.js';
import { TimerWheel } from '../../../src/delivery/providers/simulator/timer-wheel.js';
import { outbound } from '../../support/provider-conformance.js';
import { SECRET, SILENT } from './start-simulator.js';

const senders: CallbackSender[] = [];
afterEach(() => Promise.all(senders.splice(0).map((sender) => sender.stop())));

const carrier = (speed = 1) => {
  const timers = new TimerWheel();
  const callbacks = new CallbackSender({ secret: SECRET, timers, log: SILENT });
  senders.push(callbacks);
  return new SimulatedCarrier({ speed, ledger: new SimulatorLedger(), timers, callbacks });
};
const request = (changes: Partial<MessageRequest> = {}): MessageRequest => ({
  ...outbound(),
  channel: 'SMS',
  callbackUrl: 'http://127.0.0.1:1/',
  ...changes,
});

test('an accepted message waits 30 to 150 ms, always the same for the same message', () => {
  const requests = Array.from({ length: 1_000 }, () => request());
  const waits = requests.map((each) => carrier().handle(each).afterMs);
  expect(requests.map((each) => carrier().handle(each).afterMs)).toEqual(waits);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(30);
  expect(Math.max(...waits)).toBeLessThan(150);
  expect(new Set(waits).size).toBeGreaterThan(900);
});

test('speed divides every wait', () => {
  const each = request();
  expect(carrier(10).handle(each).afterMs).toBe(carrier().handle(each).afterMs / 10);
});

test.each([
  ['SMS', 'a'.repeat(160), 1, '0.0075'],
  ['SMS', 'a'.repeat(161), 2, '0.0150'],
  ['SMS', '€'.repeat(81), 2, '0.0150'],
  ['SMS', 'ع'.repeat(71), 2, '0.0150'],
  ['SMS', '', 1, '0.0075'],
  ['WHATSAPP', 'a'.repeat(1_000), 1, '0.0050'],
] as const)('%s is counted and priced (%#)', (channel, body, segments, amount) => {
  const { answer } = carrier().handle(request({ channel, body }));
  expect(answer).toMatchObject({ status: 201, body: { segments, price: { amount, currency: 'USD' } } });
});

test('a caller that is sent away is told to wait a second at speed 1', () => {
  expect(carrier().handle(request({ to: '+15005550011' })).answer).toMatchObject({ status: 429, retryAfterSeconds: 1 });
});
