import { afterEach, beforeEach, expect, test } from 'vitest';
import { patience } from '../../support/provider-conformance.js';
import { rfc2822, type TwilioMessage } from '../../support/twilio-account.js';
import { type StartedTwilio, startTwilio } from './start-twilio.js';

const SENT = { from: new Date('2026-07-01T10:00:00.900Z'), to: new Date('2026-07-01T11:00:00.900Z') };

let twilio: StartedTwilio;
beforeEach(async () => void (twilio = await startTwilio()));
afterEach(() => twilio.close());

/** A message that Twilio has sent at the time. */
function record(at: string, overrides: Partial<TwilioMessage> = {}): TwilioMessage {
  const taken = twilio.server.account.take(new URLSearchParams({ To: '+14155550100', Body: 'Hello' }));
  return Object.assign(taken, { date_sent: rfc2822(new Date(at)), price: '-0.00830', ...overrides });
}

test('Twilio tells the price of what it sent in a time, from its first second to its last', async () => {
  record('2026-07-01T09:59:59Z');
  const [first, last] = [record('2026-07-01T10:00:00Z'), record('2026-07-01T11:00:00Z')];
  record('2026-07-01T11:00:01Z');
  const { charges, next } = await twilio.provider.charges(SENT, null, patience());
  const cost = { amount: '0.00830', currency: 'USD' };
  expect(charges.toReversed()).toEqual([first, last].map(({ sid }) => ({ providerMessageId: sid, cost })));
  expect(next).toBeNull();
});

test.each<[string, Partial<TwilioMessage>, object[]]>([
  ['nothing of what has no price yet', { price: null }, []],
  ['nothing of what people wrote', { direction: 'inbound' }, []],
  ['that something was free', { price: '0' }, [{ amount: '0', currency: 'USD' }]],
  ['a currency that is written small', { price: '-0.0650', price_unit: 'eur' }, [{ amount: '0.0650', currency: 'EUR' }]],
])('Twilio tells %s', async (_what, overrides, costs) => {
  record('2026-07-01T10:30:00Z', overrides);
  const { charges } = await twilio.provider.charges(SENT, null, patience());
  expect(charges.map(({ cost }) => cost)).toEqual(costs);
});

test('a thousand messages cost one call, and the others follow', async () => {
  const sids = Array.from({ length: 1_001 }, () => record('2026-07-01T10:30:00Z').sid);
  const first = await twilio.provider.charges(SENT, null, patience());
  const second = await twilio.provider.charges(SENT, first.next, patience());
  expect([first.charges.length, second.charges.length, second.next]).toEqual([1_000, 1, null]);
  expect([...first.charges, ...second.charges].map(({ providerMessageId }) => providerMessageId).toSorted()).toEqual(sids.toSorted());
  expect(twilio.server.requests).toHaveLength(2);
});

test('a refusal or an outage is to be tried again', async () => {
  twilio.server.next({ answer: { status: 500 } }, { answer: 'cut' });
  await expect(twilio.provider.charges(SENT, null, patience())).rejects.toMatchObject({ kind: 'PROVIDER_UNAVAILABLE' });
  await expect(twilio.provider.charges(SENT, null, patience())).rejects.toMatchObject({ name: 'ProviderError' });
});

test('no page is asked for elsewhere than at Twilio', async () => {
  await expect(twilio.provider.charges(SENT, 'http://127.0.0.1:1/2010-04-01/Messages.json', patience())).rejects.toThrow();
  expect(twilio.server.requests).toEqual([]);
});
