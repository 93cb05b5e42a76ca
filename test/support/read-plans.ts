import type { Client } from 'pg';
import type { Statement } from './statements.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** What a statement reads of some tables. */
export interface Read {
  /** Those it goes through from end to end. */
  whole: string[];
  /** Rows looked at, also those that a filter then leaves out; of a statement that inserts, unknown and 0. */
  rows: number;
}

/** Runs the statement and undoes it; one that inserts is only planned. One whose plan may be kept is planned for any values as well. */
export async function readOf(client: Client, { text, values, isPrepared }: Statement, tables: ReadonlySet<string>): Promise<Read> {
  const options = /\binsert\s+into\b/i.test(text) ? 'format json' : 'analyze, format json';
  await client.query('begin');
  try {
    const { rows } = await client.query(`explain (${options}) ${text}`, [...values]);
    const kept = isPrepared ? await client.query(`explain (generic_plan, format json) ${text}`) : { rows: [] };
    const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];
    const scansOf = ([row]: typeof rows): PlanNode[] =>
      (row ? flat(row['QUERY PLAN'][0].Plan as PlanNode) : []).filter(
        (node) => node['Node Type'] !== 'ModifyTable' && tables.has(node['Relation Name'] ?? ''),
      );
    const scans = scansOf(rows);
    return {
      whole: [...scans, ...scansOf(kept.rows)].flatMap((node) =>
        node['Node Type'] === 'Seq Scan' && node['Actual Loops'] !== 0 ? (node['Relation Name'] ?? []) : [],
      ),
      rows: scans.reduce((sum, node) => sum + rowsOf(node), 0),
    };
  } finally {
    await client.query('rollback');
  }
}

const rowsOf = (node: PlanNode): number =>
  (node['Actual Loops'] ?? 0) *
  ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0));
