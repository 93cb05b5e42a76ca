import type { QuietHours } from '../accounts/tenant.entity.js';
import { dateAt, minuteOfDay, momentAfter } from '../platform/time-zone.js';

const MINUTE_MS = 60_000;
const MOST_REMEMBERED = 2_000;

/** Of the same minute in the same zone: a campaign asks for each of its recipients. */
const known = new Map<string, Date | null>();

/** When the quiet hours that `at` lies in are over; null outside of them. By the clock on that wall, whatever it is put to. */
export function quietUntil({ start, end }: QuietHours, at: Date, timeZone: string): Date | null {
  const key = `${timeZone} ${start} ${end} ${Math.floor(at.getTime() / MINUTE_MS)}`;
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  if (known.size >= MOST_REMEMBERED) known.clear();
  const until = endOf(minutes(start), minutes(end), at, timeZone);
  known.set(key, until);
  return until;
}

function endOf(start: number, end: number, at: Date, timeZone: string): Date | null {
  const minute = minuteOfDay(at, timeZone);
  const overMidnight = end < start;
  const isQuiet = overMidnight ? minute >= start || minute < end : minute >= start && minute < end;
  if (!isQuiet) return null;
  const today = dateAt(at, timeZone);
  const day = overMidnight && minute >= start ? { ...today, day: today.day + 1 } : today;
  return momentAfter(at, day, end, timeZone);
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
