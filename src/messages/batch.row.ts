import type { Channel, MessageCategory } from '../vocabulary.js';
import { ENDED, type MessageStatus } from './message-status.js';

export const BatchStatus = {
  ACCEPTING: 'ACCEPTING',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
} as const;
export type BatchStatus = (typeof BatchStatus)[keyof typeof BatchStatus];

export interface BatchRow {
  id: string;
  tenantId: string;
  name: string;
  status: BatchStatus;
  channels: Channel[];
  category: MessageCategory;
  topic: string | null;
  /** Exact decimal; null without a ceiling. */
  maxCost: string | null;
  /** Recipients given, the rejected ones too. */
  total: number;
  rejected: number;
  createdAt: Date;
  completedAt: Date | null;
}

export interface StatusCount {
  status: MessageStatus;
  count: number;
}

/** The share that reached an end; 1 for a batch without messages. */
export function progressOf(counts: readonly StatusCount[]): number {
  const sum = (some: readonly StatusCount[]): number => some.reduce((total, { count }) => total + count, 0);
  const total = sum(counts);
  return total === 0 ? 1 : sum(counts.filter(({ status }) => ENDED.includes(status))) / total;
}
