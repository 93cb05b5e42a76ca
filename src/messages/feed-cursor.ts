import { AppError, ErrorCode } from '../errors.js';

/** Where a subscriber stands. It travels as opaque text. */
export interface FeedCursor {
  /** Every transaction below it had ended, and its events had been handed on, when the cursor was made. */
  horizon: string;
  /** The event it came with. */
  eventId: string;
  /** In a replay: of the transactions below it too, all events up to `eventId` had been handed on. */
  replayedBelow?: string;
}

export const encodeCursor = ({ horizon, eventId, replayedBelow }: FeedCursor): string =>
  Buffer.from([horizon, eventId, ...(replayedBelow ? [replayedBelow] : [])].join(':')).toString('base64url');

/** PostgreSQL counts transactions in 64 bits. */
const HIGHEST = 2n ** 64n - 1n;

/** Throws BAD_USER_INPUT for anything that did not come from `encodeCursor`. */
export function decodeCursor(text: string): FeedCursor {
  const match = /^(\d{1,20}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?::(\d{1,20}))?$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  if (!match?.[1] || !match[2] || BigInt(match[1]) > HIGHEST || BigInt(match[3] ?? 0) > HIGHEST)
    throw new AppError(ErrorCode.BAD_USER_INPUT, '`after` is not a cursor of this feed.');
  return { horizon: String(BigInt(match[1])), eventId: match[2], ...(match[3] && { replayedBelow: String(BigInt(match[3])) }) };
}

/** Of transaction numbers as PostgreSQL writes them. Every change passes here for every subscriber, and BigInt takes ten times as long. */
export const isBefore = (a: string, b: string): boolean => (a.length === b.length ? a < b : a.length < b.length);

export const lowerHorizon = (a: string, b: string): string => (isBefore(a, b) ? a : b);
