import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { MessageKind } from '../messages/message.ports.js';
import { MESSAGE_STATUSES } from '../messages/message-status.js';
import type { Span } from './span.js';
import { figuresIn } from './statistics.queries.js';

/** So many messages of a kind were accepted in a span of one width. */
export interface Occurrence extends Span {
  count: number;
}

/** How many messages of those statuses a row of figures counts. */
const countIn = ({ status }: MessageKind): RawBuilder<unknown> => {
  const names = MESSAGE_STATUSES.filter((one) => !status || status.includes(one)).map((one) => `f.${one.toLowerCase()}`);
  return names.length > 0 ? sql.raw(names.join(' + ')) : sql`0`;
};

/** Those of the spans of `seconds` that have such messages, the earliest first or the latest, at most `limit`. */
export async function readOccurrences(
  db: Kysely<unknown>,
  { tenantId, kind, seconds, spans }: { tenantId: string; kind: MessageKind; seconds: number; spans: readonly Span[] },
  { latestFirst, limit }: { latestFirst: boolean; limit: number },
): Promise<Occurrence[]> {
  const pieces = spans.map((span) => ({ seconds, ...span }));
  const { rows } = await sql<{ at: Date; count: number }>`
    select date_bin(make_interval(secs => ${seconds}::int), f.at, 'epoch') as at, sum(${countIn(kind)})::bigint as count
    from ${figuresIn({ tenantId, filter: kind }, pieces)}
    group by 1 having sum(${countIn(kind)}) > 0 order by 1 ${sql.raw(latestFirst ? 'desc' : 'asc')} limit ${limit}`.execute(db);
  return rows.map(({ at, count }) => ({ from: at, to: new Date(at.getTime() + seconds * 1000), count }));
}

export async function readCount(db: Kysely<unknown>, tenantId: string, kind: MessageKind, since: Span): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select coalesce(sum(${countIn(kind)}), 0)::bigint as count
    from ${figuresIn({ tenantId, filter: kind }, [{ seconds: 86_400, ...since }])}`.execute(db);
  return rows[0]?.count ?? 0;
}
