import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Client, Pool } from 'pg';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Plan Rows': number;
  Plans?: PlanNode[];
}

/** How PostgreSQL goes about the statements of a query. */
export interface Plan {
  statements: string[];
  /** Tables read from end to end, also by a plan that is kept and so does not know the values. */
  wholeTables: string[];
  /** Tables read at all: partitions that were not pruned. */
  tables: string[];
  /** By the name they were given when they were made, whatever the partition's is. */
  indexes: string[];
  /** Of the largest sort. */
  sortedRows: number;
}

/** Before a statement whose plan may be kept: src/platform/database/prepared.ts. */
const PREPARED = '/* prepared */ ';

/** Runs the real query functions, records their SQL, and asks for the plan of each. */
export class Planner {
  private recorded: { sql: string; parameters: readonly unknown[] }[] = [];
  private readonly kysely: Kysely<unknown>;
  private readonly parents = new Map<string, string>();

  private constructor(
    private readonly client: Client,
    url: string,
  ) {
    this.kysely = new Kysely({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: url, max: 1 }) }),
      log: ({ query }) => void this.recorded.push({ sql: query.sql, parameters: query.parameters }),
    });
  }

  static async connect(url: string): Promise<Planner> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const planner = new Planner(client, url);
    const { rows } = await client.query<{ child: string; parent: string }>(
      `select inhrelid::regclass::text as child, inhparent::regclass::text as parent from pg_inherits`,
    );
    for (const { child, parent } of rows) planner.parents.set(child, parent);
    return planner;
  }

  /** What the query writes is undone. */
  async of(query: (tx: Transaction<unknown>) => Promise<unknown>): Promise<Plan> {
    this.recorded = [];
    const undone = new Error('undone');
    const run = this.kysely.transaction().execute(async (tx) => {
      await query(tx);
      throw undone;
    });
    await run.catch((error: unknown) => {
      if (error !== undone) throw error;
    });
    const statements = this.recorded.filter((statement) =>
      /^\s*(with|select|update|insert|delete)\b/i.test(statement.sql.replace(PREPARED, '')),
    );
    const nodes: PlanNode[] = [];
    const kept: PlanNode[] = [];
    for (const statement of statements) {
      nodes.push(...(await this.explain(statement)));
      if (statement.sql.includes(PREPARED)) kept.push(...(await this.explain({ sql: statement.sql, parameters: null })));
    }
    const namesOf = (key: 'Relation Name' | 'Index Name', among = nodes): string[] =>
      [...new Set(among.flatMap((node) => node[key] ?? []))].toSorted();
    return {
      statements: statements.map((statement) => statement.sql),
      wholeTables: namesOf(
        'Relation Name',
        [...nodes, ...kept].filter((node) => node['Node Type'] === 'Seq Scan'),
      ),
      tables: namesOf(
        'Relation Name',
        nodes.filter((node) => node['Node Type'] !== 'ModifyTable'),
      ),
      indexes: [...new Set(namesOf('Index Name').map((name) => this.parents.get(name) ?? name))].toSorted(),
      sortedRows: Math.max(0, ...nodes.filter((node) => node['Node Type'] === 'Sort').map((node) => node['Plan Rows'])),
    };
  }

  async run(statement: string): Promise<void> {
    await sql.raw(statement).execute(this.kysely);
  }

  async close(): Promise<void> {
    await this.client.end();
    await this.kysely.destroy();
  }

  /** Without parameters: the plan for any. */
  private async explain({ sql: text, parameters }: { sql: string; parameters: readonly unknown[] | null }): Promise<PlanNode[]> {
    const { rows } = parameters
      ? await this.client.query(`explain (format json) ${text}`, [...parameters])
      : await this.client.query(`explain (generic_plan, format json) ${text}`);
    const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];
    return flat(rows[0]['QUERY PLAN'][0].Plan as PlanNode);
  }
}
