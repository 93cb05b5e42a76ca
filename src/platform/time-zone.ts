/** True for IANA names ("Asia/Riyadh", "UTC"); false for offsets ("+03:00"), which know no daylight saving. */
export function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** `month` from 1. Days and months beyond the end count on: day 32 of January is the 1st of February. */
export interface CalendarDay {
  year: number;
  month: number;
  day: number;
}

const DAY_MS = 86_400_000;

/** Making one takes as long as using it a hundred times; there are some hundred time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', ...numbers });
    formats.set(timeZone, format);
  }
  return format;
}

/** What a clock there shows, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day, hour, minute, second } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export function dateAt(at: Date, timeZone: string): CalendarDay {
  const clock = new Date(wallClock(at.getTime(), timeZone));
  return { year: clock.getUTCFullYear(), month: clock.getUTCMonth() + 1, day: clock.getUTCDate() };
}

/** The first moment of a day. Where clocks are put forward over midnight it begins later than at 00:00; where back, at the first of two. */
export function startOfDay({ year, month, day }: CalendarDay, timeZone: string): Date {
  const midnight = Date.UTC(year, month - 1, day);
  const offsetAt = (at: number): number => wallClock(at, timeZone) - at;
  const [before, after] = [offsetAt(midnight - DAY_MS), offsetAt(midnight + DAY_MS)];
  const candidates = [midnight - Math.max(before, after), midnight - Math.min(before, after)];
  return new Date(candidates.find((at) => wallClock(at, timeZone) === midnight) ?? midnight - before);
}
