import type { Census, MessageKind, Stretch } from '../messages/message.ports.js';
import { readCount, readOccurrences, type Occurrence } from './census.queries.js';
import type { Span } from './span.js';

/** From the days to the quarters of an hour. Single minutes are forgotten. */
const LEVELS = [86_400, 3_600, 900] as const;
/** Spans of any width that lie before the edge of a stretch, at most. */
const BEFORE_EDGE = 4;
/** An end that nothing comes after. */
const FAR_MS = 86_400_000;

const overlap = (a: Span, b: Span): Span => ({ from: a.from > b.from ? a.from : b.from, to: a.to < b.to ? a.to : b.to });

/** Widens the span to multiples of the width. */
function aligned({ from, to }: Span, seconds: number): Span {
  const width = seconds * 1000;
  return { from: new Date(Math.floor(from.getTime() / width) * width), to: new Date(Math.ceil(to.getTime() / width) * width) };
}

/** The first of the occurrences that have as many as are wanted, whatever those before the edge have. */
function enough(occurrences: readonly Occurrence[], { count, edge, oldestFirst }: Stretch): Occurrence[] {
  let left = count;
  const taken: Occurrence[] = [];
  for (const occurrence of occurrences) {
    if (left <= 0) break;
    taken.push(occurrence);
    if (oldestFirst ? occurrence.from >= edge : occurrence.to <= edge) left -= occurrence.count;
  }
  return taken;
}

/** Walks down from days to quarters of an hour, so that a year is read as its days, and only those that matter as their hours. */
export const census: Census = {
  count: (db, tenantId, kind: MessageKind, since) =>
    readCount(db, tenantId, kind, aligned({ from: since, to: new Date(Date.now() + FAR_MS) }, 86_400)),

  quarters: async (db, tenantId, kind, stretch) => {
    let spans: Span[] = [stretch];
    let found: Occurrence[] = [];
    for (const seconds of LEVELS) {
      if (spans.length === 0) break;
      const wanted = { tenantId, kind, seconds, spans: spans.map((span) => aligned(overlap(span, stretch), seconds)) };
      const limit = stretch.count + BEFORE_EDGE;
      spans = found = enough(await readOccurrences(db, wanted, { latestFirst: !stretch.oldestFirst, limit }), stretch);
    }
    return found;
  },
};
