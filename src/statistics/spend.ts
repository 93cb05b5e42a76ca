import type { Charges } from '../messages/message.ports.js';
import { chargesOf } from './charges.js';
import { readTotals } from './statistics.queries.js';

/** From the rollups, and what has not been folded into them yet. */
export const spend: Charges = {
  between: async (db, tenantId, from, to) => chargesOf(await readTotals(db, { tenantId, span: { from, to }, filter: {} })),
};
