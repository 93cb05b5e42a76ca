import { AppError, ErrorCode } from '../errors.js';
import { DAY_MS, MINUTE_MS, MINUTES_KEPT_MS, QUARTER_MS, WIDTHS } from './rollup.js';

/** From a moment up to another, which is no part of it. */
export interface Span {
  from: Date;
  to: Date;
}

/** A span that rollups of one width cover exactly. */
export interface Piece extends Span {
  seconds: number;
}

const LONGEST_MS = 1_830 * DAY_MS;

/** The finest step to which times so long ago are told apart. */
const stepAt = (at: Date, now: Date): number => (at.getTime() >= now.getTime() - MINUTES_KEPT_MS ? MINUTE_MS : QUARTER_MS);

/** The range with both ends moved outwards: to whole minutes, and before the last three days to quarters of an hour. Throws BAD_USER_INPUT. */
export function spanOf({ from, to }: Span, now: Date): Span {
  if (from.getTime() < 0) throw new AppError(ErrorCode.BAD_USER_INPUT, 'The range begins before 1970: no message is so old.');
  if (from >= to) throw new AppError(ErrorCode.BAD_USER_INPUT, 'The range ends before it begins: `to` must be after `from`.');
  if (to.getTime() - from.getTime() > LONGEST_MS)
    throw new AppError(ErrorCode.BAD_USER_INPUT, 'The range must not be longer than 5 years.');
  const [lower, upper] = [stepAt(from, now), stepAt(to, now)];
  return {
    from: new Date(Math.floor(from.getTime() / lower) * lower),
    to: new Date(Math.ceil(to.getTime() / upper) * upper),
  };
}

/** The fewest rollups that make up the spans, which follow each other in time. */
export function cover(spans: readonly Span[]): Piece[] {
  const pieces: Piece[] = [];
  for (const { from, to } of spans) {
    for (const piece of piecesOf(from.getTime(), to.getTime(), 0)) {
      const last = pieces.at(-1);
      // A month of days is one scan of the index, not thirty.
      if (last?.seconds === piece.seconds && last.to.getTime() === piece.from.getTime()) last.to = piece.to;
      else pieces.push(piece);
    }
  }
  return pieces;
}

/** The widest in the middle, narrower ones towards both ends. */
function piecesOf(from: number, to: number, level: number): Piece[] {
  const seconds = WIDTHS[level];
  if (seconds === undefined || from >= to) return [];
  const width = seconds * 1000;
  const [first, last] = [Math.ceil(from / width) * width, Math.floor(to / width) * width];
  if (first >= last) return piecesOf(from, to, level + 1);
  return [...piecesOf(from, first, level + 1), { seconds, from: new Date(first), to: new Date(last) }, ...piecesOf(last, to, level + 1)];
}
