import type { MessageCategory } from '../vocabulary.js';

/** Queues of their own, so that a one-time code never waits behind a campaign. */
export const Lane = { otp: 'otp', transactional: 'transactional', bulk: 'bulk' } as const;
export type Lane = (typeof Lane)[keyof typeof Lane];

export function laneOf(category: MessageCategory, inBatch: boolean): Lane {
  if (category === 'AUTHENTICATION') return Lane.otp;
  return inBatch || category === 'MARKETING' ? Lane.bulk : Lane.transactional;
}
