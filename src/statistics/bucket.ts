import { AppError, ErrorCode } from '../errors.js';
import { startOfDay, dateAt, type CalendarDay } from '../platform/time-zone.js';
import { MINUTES_KEPT_MS } from './rollup.js';
import type { Span } from './span.js';

export const Bucket = { MINUTE: 'MINUTE', HOUR: 'HOUR', DAY: 'DAY', MONTH: 'MONTH' } as const;
export type Bucket = (typeof Bucket)[keyof typeof Bucket];

const WIDTHS_MS = { MINUTE: 60_000, HOUR: 3_600_000 };
const MOST_POINTS = 1_500;

/** When each bucket begins that a part of the span falls into: days and months by the time zone's calendar. Throws BAD_USER_INPUT. */
export function bucketStarts(span: Span, bucket: Bucket, timeZone: string, now: Date): Date[] {
  if (bucket === Bucket.MINUTE && span.from.getTime() < now.getTime() - MINUTES_KEPT_MS - WIDTHS_MS.MINUTE)
    throw new AppError(ErrorCode.BAD_USER_INPUT, 'A series by the minute goes back 3 days at most.');
  const starts = [...startsOf(span, bucket, timeZone).take(MOST_POINTS + 1)];
  if (starts.length > MOST_POINTS)
    throw new AppError(ErrorCode.BAD_USER_INPUT, `A series has at most ${MOST_POINTS} points: take a longer bucket or a shorter range.`);
  return starts;
}

/** As many as are asked for: a range may be a thousand years long. */
function* startsOf({ from, to }: Span, bucket: Bucket, timeZone: string): Generator<Date> {
  if (bucket === Bucket.MINUTE || bucket === Bucket.HOUR) {
    const width = WIDTHS_MS[bucket];
    for (let at = Math.floor(from.getTime() / width) * width; at < to.getTime(); at += width) yield new Date(at);
    return;
  }
  const first = dateAt(from, timeZone);
  for (let step = 0; ; step++) {
    const day: CalendarDay = bucket === Bucket.DAY ? { ...first, day: first.day + step } : { ...first, month: first.month + step, day: 1 };
    const start = startOfDay(day, timeZone);
    if (start >= to) return;
    yield start;
  }
}

/** The part of each bucket that lies in the span. */
export const spansOf = (starts: readonly Date[], { from, to }: Span): Span[] =>
  starts.map((start, index) => ({ from: start < from ? from : start, to: starts[index + 1] ?? to }));
