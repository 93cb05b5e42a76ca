import { expect, test } from 'vitest';
import { BoundedMap } from '../../../src/delivery/providers/simulator/bounded-map.js';
import { SimulatorLedger, type SimulatedMessage } from '../../../src/delivery/providers/simulator/simulator-ledger.js';

const ids = (count: number) => Array.from({ length: count }, (_, at) => `id-${at}`);
const message = (id: string, attempt = 1): SimulatedMessage => ({
  sid: `sid-${id}-${attempt}`,
  id,
  attempt,
  channel: 'SMS',
  to: '+966500000001',
  from: null,
  body: 'Your visit is tomorrow.',
  mediaUrls: [],
  callbackUrl: 'http://127.0.0.1:1/',
  segments: 1,
  price: { amount: '0.0075', currency: 'USD' },
  status: 'accepted',
  happened: { accepted: Date.now() },
});

test('a full map forgets what was set longest ago', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect(map.set('c', 4)).toBe(2);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
  expect(map.values()).toEqual([3, 4]);
});

test('only the newest messages are kept whole, and only the newest ids are counted', () => {
  const ledger = new SimulatorLedger({ messages: 10, counts: 50 });
  for (const id of ids(1_000)) {
    ledger.asked(id);
    ledger.took(message(id));
  }
  expect(ledger.messages().map(({ id }) => id)).toEqual(ids(1_000).slice(-10));
  expect(ids(1_000).filter((id) => ledger.countsOf(id).asked > 0)).toEqual(ids(1_000).slice(-50));
  expect(
    ledger.find({ id: 'id-989' }) ?? ledger.find({ id: 'id-989', attempt: 1 }) ?? ledger.find({ sid: 'sid-id-989-1' }),
  ).toBeUndefined();
  expect(ledger.total).toEqual({ asked: 1_000, taken: 1_000 });
});

test('it says since when it surely remembers', () => {
  const ledger = new SimulatorLedger({ messages: 1, counts: 1 });
  const [started, first] = [ledger.remembersSince, message('first')];
  first.happened.accepted = started + 1_000;
  ledger.took(first);
  expect(ledger.remembersSince).toBe(started);
  ledger.took(message('second'));
  expect(ledger.remembersSince).toBe(started + 1_001);
});

test('a message is found by attempt, and the newest without one', () => {
  const ledger = new SimulatorLedger();
  ledger.took(message('a', 1));
  ledger.took(message('a', 2));
  expect(ledger.find({ id: 'a', attempt: 1 })?.attempt).toBe(1);
  expect(ledger.find({ id: 'a' })?.attempt).toBe(2);
  expect(ledger.find({ sid: 'sid-a-1' })?.attempt).toBe(1);
});

test('counts do not run into each other, however often a message is asked for', () => {
  const ledger = new SimulatorLedger();
  for (let time = 0; time < 70_000; time++) ledger.asked('a');
  ledger.took(message('a'));
  expect(ledger.countsOf('a')).toEqual({ asked: 32_767, taken: 1 });
});
