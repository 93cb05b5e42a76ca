import type { Charges } from '../messages/message.ports.js';
import { fromMicros, toMicros } from '../messages/money.js';
import { readSpend } from './statistics.queries.js';

/** From the rollups, and what has not been folded into them yet. */
export const spend: Charges = {
  between: async (db, tenantId, currency, from, to) =>
    fromMicros(toMicros(await readSpend(db, { tenantId, span: { from, to }, filter: {} }, currency))),
};
