import { idTime } from '../platform/ids.js';

/** No further are the time in a message's id and its createdAt apart, so that a time also bounds the ids, and with them the months to look at. */
export const APART_MS = 60_000;

/** The createdAt of a message whose send began `now`: later ones have another, where a large send takes its time or the clock was set. */
export function acceptedAt(id: string, now: Date): Date {
  const made = idTime(id);
  return Math.abs(made.getTime() - now.getTime()) > APART_MS ? made : now;
}
