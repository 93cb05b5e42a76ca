import { sql, type Kysely, type Transaction } from 'kysely';
import { Refusal } from '../errors.js';
import { FigureSum } from '../messages/figure-sum.js';
import { AdvisoryLock } from '../platform/database/advisory-locks.js';
import type { Database } from '../platform/database/database.js';
import type { Difference } from './difference.js';
import { addRollups } from './fold.queries.js';
import { toldOtherwise } from './told-otherwise.js';
import { deltasIn, messagesAfter, rollupsIn, trailsOf, type CountedMessage } from './recount.queries.js';
import { DAY_MS, MINUTES_KEPT_MS, RollupSum, rollupsOf, type Rollup } from './rollup.js';
import type { Span } from './span.js';

const PAGE = 5_000;

export interface Verified {
  messages: number;
  differences: number;
}

/**
 * Counts the messages again, day by day, and compares the result with what the statistics tell, and each message with its events.
 * Events tell no cost, segments, channel, category or template: what is wrong with those in a message is wrong in the recount as well.
 */
export class Verification {
  constructor(private readonly db: Database) {}

  /**
   * Exact while messages are accepted and sent: all is read as it was at one moment, and a repair adds what was missing
   * then to whatever there is by now. Leaves out the days whose messages the tenant's retention may have taken.
   */
  async run(
    tenant: { id: string; retentionDays: number },
    { repair, found, now = new Date() }: { repair: boolean; found: (difference: Difference) => void; now?: Date },
  ): Promise<Verified> {
    const today = Math.floor(now.getTime() / DAY_MS);
    const first = today - tenant.retentionDays + 1;
    return this.unchanging(repair, async (tx) => {
      const total = { messages: 0, differences: 0 };
      for (let day = first; day <= today; day++) {
        const span = { from: new Date(day * DAY_MS), to: new Date((day + 1) * DAY_MS) };
        const { messages, differences } = await verifyDay(tx, tenant.id, span, now);
        if (repair) await this.repair(differences);
        for (const difference of differences) found(difference);
        total.messages += messages;
        total.differences += differences.length;
      }
      return total;
    });
  }

  /** `alone`: before the moment that is read, not in it, because what another repair has added until then must be seen. */
  private unchanging<R>(alone: boolean, read: (tx: Transaction<unknown>) => Promise<R>): Promise<R> {
    return this.db.sql.connection().execute(async (connection) => {
      if (alone && !(await tookLock(connection))) throw new Refusal('CONFLICT', 'Another repair of the statistics is under way.');
      try {
        return await connection.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
      } finally {
        if (alone) await sql`select pg_advisory_unlock(${AdvisoryLock.STATISTICS_REPAIR})`.execute(connection);
      }
    });
  }

  private async repair(differences: readonly Difference[]): Promise<void> {
    const missing = differences.flatMap((one) => (one.of === 'figures' ? one.missing : []));
    for (let start = 0; start < missing.length; start += PAGE)
      await this.db.transaction((tx) => addRollups(tx, missing.slice(start, start + PAGE)));
  }
}

/** Takes the lock, where nobody has it: two repairs at once would both add what is missing. */
async function tookLock(connection: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${AdvisoryLock.STATISTICS_REPAIR}) as taken`.execute(
    connection,
  );
  return rows[0]?.taken ?? false;
}

async function verifyDay(
  tx: Kysely<unknown>,
  tenantId: string,
  span: Span,
  now: Date,
): Promise<{ messages: number; differences: Difference[] }> {
  const figures = new FigureSum();
  const differences: Difference[] = [];
  let messages = 0;
  for (let after: string | null = null; ;) {
    const page: CountedMessage[] = await messagesAfter(tx, tenantId, span, after, PAGE);
    for (const message of page) figures.add(message, 1);
    differences.push(...(await strayed(tx, page)), ...(await toldOtherwise(tx, page)));
    messages += page.length;
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) break;
  }
  for (const delta of await deltasIn(tx, tenantId, span)) figures.addRow(delta, -1);
  const missing = new RollupSum();
  for (const rollup of figures.rows().flatMap(rollupsOf)) missing.add(rollup, 1);
  for (const rollup of await rollupsIn(tx, tenantId, span)) missing.add(rollup, -1);
  const isRead = ({ seconds, figures: { at } }: Rollup): boolean => seconds > 60 || at.getTime() >= now.getTime() - MINUTES_KEPT_MS;
  for (const rollup of missing.rollups().filter(isRead)) differences.push({ of: 'figures', missing: rollup });
  return { messages, differences };
}

/** Messages whose row and whose events disagree about the status. */
async function strayed(tx: Kysely<unknown>, messages: readonly CountedMessage[]): Promise<Difference[]> {
  const ids = messages.map(({ id }) => id);
  const trails = Map.groupBy(await trailsOf(tx, ids), ({ messageId }) => messageId);
  return messages.flatMap(({ id, status }): Difference[] => {
    const [end, ...others] = trails.get(id) ?? [];
    const byEvents = end?.count === 1 && others.length === 0 ? end.status : null;
    return byEvents === status ? [] : [{ of: 'message', messageId: id, status, byEvents }];
  });
}
