import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { measured, type Result } from './result.js';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own clock. */
const TICK_MICROS = 10_000;

type Pids = Record<string, (number | undefined)[]>;

/** What processes, and the server processes of a database, use of the processors; on Linux only. */
export class CpuUse {
  private constructor(
    private readonly pids: Pids,
    private readonly pool: Pool,
    private readonly before: Map<string, number>,
  ) {}

  static async from(pids: Pids, pool: Pool): Promise<CpuUse> {
    return new CpuUse(pids, pool, await used(pids, pool));
  }

  /** As rows of the table: none where nothing can be told. */
  async each(what: string, count: number): Promise<Result[]> {
    const now = await used(this.pids, this.pool);
    const parts = [...now].map(([name, micros]) => `${name} ${Math.round((micros - (this.before.get(name) ?? 0)) / count)} µs`);
    return parts.length > 0 ? [measured(what, parts.join(', '))] : [];
  }
}

/** Microseconds by name. A server process that is new since the last time has used nothing before. */
async function used(pids: Pids, pool: Pool): Promise<Map<string, number>> {
  if (process.platform !== 'linux') return new Map();
  const { rows } = await pool.query<{ pid: number }>('select pid from pg_stat_activity where datname = current_database()');
  const all = { ...pids, PostgreSQL: rows.map(({ pid }) => pid) };
  return new Map(await Promise.all(Object.entries(all).map(async ([name, some]) => [name, await sumOf(some)] as const)));
}

async function sumOf(pids: readonly (number | undefined)[]): Promise<number> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.reduce((sum, stat) => sum + microsOf(stat), 0);
}

/** User and system time: the 12th and 13th field after the name, which stands in brackets and may hold anything (proc(5)). */
function microsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MICROS;
}
