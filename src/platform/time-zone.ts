/** All that IANA has of three letters. Intl takes ICU's own besides, and means others than people do: BST is its Asia/Dhaka. */
const OF_THREE_LETTERS = new Set(['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC', 'WET']);

/** What else ICU knows and IANA does not, or no longer. */
const NOT_IANA = /^(SystemV\/.*|US\/Pacific-New|Canada\/East-Saskatchewan)$/i;

/** True for IANA names ("Asia/Riyadh", "UTC"); false for offsets ("+03:00"), which know no daylight saving. */
export function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value) || NOT_IANA.test(value)) return false;
  if (value.length === 3 && !OF_THREE_LETTERS.has(value.toUpperCase())) return false;
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

/** What a clock there shows, in minutes since midnight. */
export function minuteOfDay(at: Date, timeZone: string): number {
  const clock = new Date(wallClock(at.getTime(), timeZone));
  return clock.getUTCHours() * 60 + clock.getUTCMinutes();
}

const MINUTE_MS = 60_000;

/**
 * The first moment after `at` at which a clock there shows that minute of that day. Where clocks are put forward over it,
 * the moment at which they are; where back, it comes twice.
 */
export function momentAfter(at: Date, { year, month, day }: CalendarDay, minute: number, timeZone: string): Date {
  const wanted = Date.UTC(year, month - 1, day, 0, minute);
  const offsetAt = (time: number): number => wallClock(time, timeZone) - time;
  const [before, after] = [offsetAt(wanted - DAY_MS), offsetAt(wanted + DAY_MS)];
  const [first, last] = [wanted - Math.max(before, after), wanted - Math.min(before, after)];
  const found = [first, last].find((time) => time > at.getTime() && wallClock(time, timeZone) === wanted);
  if (found !== undefined) return new Date(found);
  let [low, high] = [first, last];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.ceil((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallClock(middle, timeZone) >= wanted) high = middle;
    else low = middle;
  }
  return new Date(high);
}
