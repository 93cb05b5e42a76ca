import type { Kysely } from 'kysely';
import { idFloor, idTime } from '../platform/ids.js';
import { APART_MS } from './accepted-at.js';
import type { Census, MessageKind } from './message.ports.js';
import {
  countMessages,
  goneSince,
  listMessages,
  oldestMessage,
  type IdRange,
  type MessageFilter,
  type MessagePage,
} from './message.queries.js';
import type { MessageRow } from './message.row.js';

/** Those have an index of their own. */
const INDEXED = ['toHashes', 'batchId', 'reference', 'topic', 'errorKind'] as const;
/** The index of statuses leaves these out; of several statuses it does not have the order. */
const COMMON = ['DELIVERED', 'READ'] as const;
const DAY_MS = 86_400_000;

const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

const kindOf = ({ status, channel, category, provider, templateCode, batchId }: MessageFilter): MessageKind => ({
  status,
  channel,
  category,
  provider,
  templateCode,
  batchId,
});

/** Whether no index finds what matches, which may be few among all messages of the tenant. */
export function isScattered(filter: MessageFilter): boolean {
  if (INDEXED.some((name) => isGiven(filter[name]))) return false;
  const { channel, category, provider, templateCode, status } = filter;
  return (
    [channel, category, provider, templateCode].some(isGiven) || (status?.length ?? 0) > 1 || COMMON.some((one) => status?.includes(one))
  );
}

/** Whether the statistics count just what matches. */
export function isCounted(filter: MessageFilter): boolean {
  return !['toHashes', 'reference', 'topic', 'errorKind', 'createdAfter', 'createdBefore'].some((name) =>
    isGiven(filter[name as keyof MessageFilter]),
  );
}

/** From when on the statistics and the messages tell the same: both are still there. Null where there is no message. */
async function commonStart(db: Kysely<unknown>, census: Census, tenantId: string): Promise<{ oldest: string; from: Date } | null> {
  const oldest = await oldestMessage(db, tenantId);
  if (oldest === null) return null;
  const { keptFrom, months } = await goneSince(db, tenantId, oldest);
  // Months are dropped by the time in the ids, and the statistics still have what was in them: up to midnight, all that day.
  const made = idTime(oldest).getTime();
  const day = new Date(made - (made % DAY_MS));
  // Where days were deleted, a few that still live are older.
  const from = keptFrom && keptFrom > day ? keptFrom : day;
  for (const month of months) {
    const end = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1));
    if (end <= from) break;
    // A month in which nobody sent anything has no table either, and hides nothing.
    if ((await census.count(db, tenantId, {}, month)) > (await census.count(db, tenantId, {}, end))) return { oldest, from: end };
  }
  return { oldest, from };
}

export async function countByCensus(db: Kysely<unknown>, census: Census, tenantId: string, filter: MessageFilter): Promise<number> {
  const start = await commonStart(db, census, tenantId);
  if (start === null) return 0;
  const { oldest, from } = start;
  const counted = await census.count(db, tenantId, kindOf(filter), from);
  if (idTime(oldest).getTime() - from.getTime() >= APART_MS) return counted;
  return counted + (await countMessages(db, tenantId, { ...filter, createdBefore: from }));
}

/** A page of what no index finds: looked for only in the quarters of an hour of which the statistics say that they have some. */
export async function listScattered(
  db: Kysely<unknown>,
  census: Census,
  tenantId: string,
  filter: MessageFilter,
  page: MessagePage,
): Promise<MessageRow[]> {
  const start = await commonStart(db, census, tenantId);
  if (start === null) return [];
  const [from, to] = boundsOf(filter, page, start.oldest);
  if (from >= to) return [];
  const oldestFirst = page.backwards;
  const since = from > start.from ? from : start.from;
  // An id may be made a minute before or after.
  const edge = new Date(oldestFirst ? since.getTime() + 2 * APART_MS : to.getTime() - 2 * APART_MS);
  const quarters =
    since >= to ? [] : await census.quarters(db, tenantId, kindOf(filter), { from: since, to, oldestFirst, count: page.limit + 1, edge });
  // Of the days before, the statistics have what is deleted; what still lives is little.
  const living = from < start.from ? [{ from, to: earlier(start.from, to), count: page.limit + 1 }] : [];
  const found = [...living, ...quarters];
  return found.length === 0 ? [] : listMessages(db, tenantId, filter, page, idRangesOf(found));
}

/** Between which times everything was accepted that the page may show. */
function boundsOf(filter: MessageFilter, { after, before }: MessagePage, oldest: string): [from: Date, to: Date] {
  const starts = [acceptedAbout(oldest, -1), filter.createdAfter, before ? acceptedAbout(before, -1) : null];
  const ends = [new Date(Date.now() + DAY_MS), filter.createdBefore, after ? acceptedAbout(after, 1) : null];
  const times = (dates: (Date | null | undefined)[]): number[] => dates.flatMap((date) => date?.getTime() ?? []);
  return [new Date(Math.max(...times(starts))), new Date(Math.min(...times(ends)))];
}

/** The earliest time at which a message with this id can have been accepted, or the latest. */
const acceptedAbout = (id: string, direction: 1 | -1): Date => new Date(idTime(id).getTime() + direction * APART_MS);

/**
 * Where the ids of what was accepted then are; ranges that touch become one. A range is read no further than to as many as
 * were accepted in it. A quarter that was not looked up may reach into the last one: then what is left out is behind the page.
 */
function idRangesOf(quarters: readonly { from: Date; to: Date; count: number }[]): IdRange[] {
  const ranges: { from: number; to: number; most: number }[] = [];
  for (const { from: begin, to: end, count } of quarters.toSorted((a, b) => a.from.getTime() - b.from.getTime())) {
    const [from, to] = [begin.getTime() - APART_MS, end.getTime() + APART_MS];
    const last = ranges.at(-1);
    if (last && last.to >= from) Object.assign(last, { to, most: last.most + count });
    else ranges.push({ from, to, most: count });
  }
  return ranges.map(({ from, to, most }) => ({ from: idFloor(new Date(from)), to: idFloor(new Date(to)), most }));
}
