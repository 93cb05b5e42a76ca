import type { Price } from '../../price-table.js';

/** List prices without the carriers' own fees. What is not here is not known: PROVIDER_PRICES adds to it. */
export const TWILIO_PRICES: readonly Price[] = [
  { provider: 'twilio', channel: 'SMS', country: 'US', category: null, amount: '0.0083', currency: 'USD' },
];
