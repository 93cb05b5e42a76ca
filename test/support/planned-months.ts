import { sql, type Transaction } from 'kysely';
import { expect } from 'vitest';
import { generatedMonths, TENANT } from './generated-months.js';
import { generatedPeople } from './generated-people.js';
import { Planner, type Plan } from './plans.js';
import { createTestDatabase } from './test-database.js';

const MESSAGES = 120_000;
/** Less than a hundredth of the table: more is not "the few that match". */
export const FEW = 1_000;

const SIZES = sql<{ name: string; size: number }>`select relname as name, reltuples as size from pg_class where relkind = 'r'`;

export type Query = (tx: Transaction<unknown>) => Promise<unknown>;

/** Months of messages and the people they went to, where plans show whether a query reads more than what matches. */
export class PlannedMonths {
  private constructor(
    readonly planner: Planner,
    /** Of each partition, in rows. */
    private readonly sizes: ReadonlyMap<string, number>,
    /** Neighbours, as the messages of a claim or of a page are; all of one batch. */
    readonly ids: string[],
    readonly eventIds: string[],
    readonly batchId: string,
    readonly toHash: Buffer,
    readonly stop: () => Promise<void>,
  ) {}

  static async open(): Promise<PlannedMonths> {
    const database = await createTestDatabase();
    const planner = await Planner.connect(database.url);
    for (const statement of [...generatedMonths(MESSAGES), ...generatedPeople(20_000)]) await planner.run(statement);
    let opened: PlannedMonths | undefined;
    await planner.of(async (tx) => {
      const ids = await column(
        tx,
        `select id from messages where tenant_id = '${TENANT}' and batch_id is not null order by id desc offset 5000 limit 50`,
      );
      const [batchId = ''] = await column(tx, `select batch_id as id from messages where id = '${ids[0]}'`);
      const { rows } = await sql<{ hash: Buffer }>`select to_hash as hash from messages where id = ${ids[0]}`.execute(tx);
      opened = new PlannedMonths(
        planner,
        new Map((await SIZES.execute(tx)).rows.map(({ name, size }) => [name, size])),
        ids,
        await column(tx, `select id from message_events order by id desc offset 100 limit 50`),
        batchId,
        rows[0]?.hash ?? Buffer.alloc(0),
        async () => {
          await planner.close();
          await database.drop();
        },
      );
    });
    if (!opened) throw new Error('Nothing was read.');
    return opened;
  }

  /** Months of the tables that grow for ever, with more rows than so many. */
  growing(tables: string[], moreThan = 0): string[] {
    return tables.filter((table) => (this.sizes.get(table) ?? 0) > moreThan && /^(messages|message_events|webhook_journal)_/.test(table));
  }
}

export const expectFewRead = (months: PlannedMonths, plan: Plan): void => {
  expect(plan.statements.length).toBeGreaterThan(0);
  // On the first days of a month a scan of it costs nothing.
  expect(months.growing(plan.wholeTables, 10 * FEW)).toEqual([]);
  expect(plan.sortedRows).toBeLessThan(FEW);
};

export const column = async (tx: Transaction<unknown>, statement: string): Promise<string[]> =>
  (await sql.raw<{ id: string }>(statement).execute(tx)).rows.map(({ id }) => id);
