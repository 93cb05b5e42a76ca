import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { NO_COUNTRY } from '../../src/contacts/phone-number.js';
import { PriceTable } from '../../src/delivery/price-table.js';
import { SIMULATOR_PRICES } from '../../src/delivery/providers/simulator/simulator-prices.js';
import { TWILIO_PRICES } from '../../src/delivery/providers/twilio/twilio-prices.js';
import type { PricedMessage } from '../../src/messages/message.ports.js';

const message = (about: Partial<PricedMessage> = {}): PricedMessage => ({
  provider: 'twilio',
  channel: 'SMS',
  country: 'US',
  category: 'UTILITY',
  segments: 1,
  ...about,
});
const pricesOf = (setting?: string) =>
  readConfig({ NODE_ENV: 'test', ...(setting === undefined ? {} : { PROVIDER_PRICES: setting }) }).PROVIDER_PRICES;

describe('a price', () => {
  const table = new PriceTable([...TWILIO_PRICES, ...SIMULATOR_PRICES]);

  test('is multiplied by segments', () => {
    expect(table.estimate(message({ segments: 3 }))).toEqual({ amount: '0.0249', currency: 'USD' });
  });

  test('is that of a message where segments are not counted', () => {
    expect(table.estimate(message({ provider: 'simulator', channel: 'WHATSAPP', segments: null }))).toEqual({
      amount: '0.005',
      currency: 'USD',
    });
  });

  test.each<[string, Partial<PricedMessage>]>([
    ['another country', { country: 'IN' }],
    ['a number of no country', { country: NO_COUNTRY }],
    ['what is no number', { country: null }],
    ['another channel', { channel: 'WHATSAPP' }],
    ['another provider', { provider: 'carrier-pigeon' }],
  ])('of %s is not known', (_what, about) => {
    expect(table.estimate(message(about))).toBeNull();
  });

  test('of a category goes before one for all that comes after it', () => {
    const any = { provider: 'twilio', channel: 'WHATSAPP', country: null, currency: 'USD' } as const;
    const prices = new PriceTable([
      { ...any, category: 'MARKETING', amount: '0.02' },
      { ...any, category: null, amount: '0.01' },
    ]);
    const amounts = (['MARKETING', 'UTILITY'] as const).map(
      (category) => prices.estimate(message({ channel: 'WHATSAPP', category, segments: null }))?.amount,
    );
    expect(amounts).toEqual(['0.02', '0.01']);
  });
});

describe('PROVIDER_PRICES', () => {
  test('is a list of prices, empty by default', () => {
    expect(pricesOf()).toEqual([]);
    expect(pricesOf('twilio SMS SA 0.05 USD, simulator WHATSAPP * 1 EUR')).toEqual([
      { provider: 'twilio', channel: 'SMS', country: 'SA', category: null, amount: '0.05', currency: 'USD' },
      { provider: 'simulator', channel: 'WHATSAPP', country: null, category: null, amount: '1', currency: 'EUR' },
    ]);
  });

  test.each([
    'twilio',
    'twilio SMS US 0.0083',
    'other SMS US 1 USD',
    'twilio FAX US 1 USD',
    'twilio SMS us 1 USD',
    'twilio SMS US -1 USD',
    'twilio SMS US 1 USD,',
  ])('of %j is refused', (setting) => {
    expect(() => pricesOf(setting)).toThrow(/PROVIDER_PRICES.*expected provider, channel, country/s);
  });
});
