import { newId } from '../platform/ids.js';
import type { BatchRow } from './batch.row.js';
import type { BatchTerms } from './batch-terms.js';

/** A batch as it begins. */
export const newBatch = (tenantId: string, { name, channels, category, topic, maxCost }: BatchTerms, createdAt: Date): BatchRow => ({
  id: newId(),
  tenantId,
  name: name.trim(),
  status: 'RUNNING',
  channels,
  category,
  topic,
  maxCost,
  total: 0,
  rejected: 0,
  createdAt,
  completedAt: null,
});
