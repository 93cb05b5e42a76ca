import type { Price } from '../../price-table.js';

/** The simulator's own figures for a segment; no carrier's prices. */
export const SIMULATED_AMOUNTS = { SMS: '0.0075', WHATSAPP: '0.0050' } as const;

const everywhere = { provider: 'simulator', country: null, category: null, currency: 'USD' };

export const SIMULATOR_PRICES: readonly Price[] = [
  { ...everywhere, channel: 'SMS', amount: SIMULATED_AMOUNTS.SMS },
  { ...everywhere, channel: 'WHATSAPP', amount: SIMULATED_AMOUNTS.WHATSAPP },
];
