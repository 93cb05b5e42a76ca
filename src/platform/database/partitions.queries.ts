import { sql, type Kysely } from 'kysely';
import { AdvisoryLock } from './advisory-locks.js';

export const MONTHLY_TABLES = ['messages', 'message_events', 'webhook_journal'] as const;
type Table = (typeof MONTHLY_TABLES)[number];

/** So that a clock that stood still for weeks loses nothing. */
const MONTHS_AHEAD = 3;
/** What stands in the default partition is moved to its month when it is not older. */
const MONTHS_BACK = 12;

/**
 * Who uses the default partition stands in line behind a statement that waits to change it: so that gives up soon, and the
 * job's next run tries again. What it does then must not take long either.
 */
const LOCK_TIMEOUT = '1s';
const STATEMENT_TIMEOUT = '5s';
const LOCK_NOT_AVAILABLE = '55P03';
const UNDEFINED_TABLE = '42P01';

interface Month {
  /** As in the name of its partition: 2026_01. */
  name: string;
  /** The first id in it, and the first after it. */
  from: string;
  to: string;
}

export interface PartitionFigures {
  name: Table;
  /** Rows that no month covers, counted up to 10,000. */
  strays: number;
  /** How many of the next months are made. */
  ahead: number;
}

const inMonths = (from: number, to: number) => sql`
  generate_series(date_trunc('month', now() at time zone 'UTC') + ${`${from} months`}::interval,
                  date_trunc('month', now() at time zone 'UTC') + ${`${to} months`}::interval, interval '1 month') as month`;

const isMade = (table: Table) => sql`
  exists (select from pg_inherits where inhparent = ${table}::regclass and inhrelid = to_regclass(${table} || to_char(month, '_YYYY_MM')))`;

const defaultOf = (table: Table) => sql.table(`${table}_default`);

/**
 * Makes the months to come, and those of rows that stand in a default partition, with these rows. Returns the names of what
 * was made. Each in a transaction of its own, so that what hinders one does not hinder the others; throws in the end what did.
 */
export async function makePartitions(db: Kysely<unknown>): Promise<string[]> {
  const made: string[] = [];
  const errors: Error[] = [];
  for (const table of MONTHLY_TABLES)
    for (const { name } of await missingMonths(db, table))
      try {
        if (await makeMonth(db, table, name)) made.push(`${table}_${name}`);
      } catch (error) {
        errors.push(new Error(`The partition ${table}_${name} could not be made: ${(error as Error).message}`, { cause: error }));
        // Its other months would wait for the same.
        if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) break;
      }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
  return made;
}

/** No id is made this long before it is stored. */
const SETTLED = '2 days';

/**
 * Drops months that are over and have no row left, which gives their disk back. Returns the names of what was dropped. What
 * is in use for longer than a second has its turn another time; throws in the end what hindered.
 */
export async function dropEmptyMonths(db: Kysely<unknown>): Promise<string[]> {
  const dropped: string[] = [];
  const errors: Error[] = [];
  for (const table of MONTHLY_TABLES)
    for (const month of await monthsOver(db, table))
      try {
        if ((await isEmpty(db, month)) && (await dropMonth(db, table, month))) dropped.push(month);
      } catch (error) {
        // Another process was quicker.
        if ((error as { code?: string }).code === UNDEFINED_TABLE) continue;
        errors.push(new Error(`The partition ${month} could not be dropped: ${(error as Error).message}`, { cause: error }));
        if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) break;
      }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
  return dropped;
}

async function monthsOver(db: Kysely<unknown>, table: Table): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = ${table}::regclass and relname ~ ${`^${table}_\\d{4}_\\d{2}$`}
      and (to_date(right(relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' < now() - ${SETTLED}::interval
    order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

async function isEmpty(db: Kysely<unknown>, month: string): Promise<boolean> {
  const { rows } = await sql<{ empty: boolean }>`select not exists (select from ${sql.table(month)}) as empty`.execute(db);
  return rows[0]?.empty ?? false;
}

function dropMonth(db: Kysely<unknown>, table: Table, month: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await limitTimes(tx);
    // Whoever makes a month has locked what this waits for, and waits for what this has locked.
    if (!(await takePartitions(tx))) return false;
    // The whole table first, as everybody else does who uses it: the other way round two would wait for each other.
    await sql`lock table only ${sql.table(table)} in access exclusive mode`.execute(tx);
    if (!(await isEmpty(tx, month))) return false;
    await sql`drop table ${sql.table(month)}`.execute(tx);
    return true;
  });
}

/** False when another process is at the months. */
async function takePartitions(tx: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${AdvisoryLock.PARTITIONS}) as mine`.execute(tx);
  return rows[0]?.mine ?? false;
}

const limitTimes = (tx: Kysely<unknown>) =>
  sql`select set_config('lock_timeout', ${LOCK_TIMEOUT}, true), set_config('statement_timeout', ${STATEMENT_TIMEOUT}, true)`.execute(tx);

export async function partitionFigures(db: Kysely<unknown>): Promise<PartitionFigures[]> {
  const of = (table: Table) => sql`
    select ${table}::text as name, (select count(*) from (select from ${defaultOf(table)} limit 10000) as strays) as strays,
           (select count(*) from ${inMonths(1, MONTHS_AHEAD)} where ${isMade(table)}) as ahead`;
  return (await sql<PartitionFigures>`${sql.join(MONTHLY_TABLES.map(of), sql` union all `)}`.execute(db)).rows;
}

async function missingMonths(db: Kysely<unknown>, table: Table): Promise<Month[]> {
  const { rows } = await sql<Month>`
    select to_char(month, 'YYYY_MM') as name, first as "from", next as "to"
    from ${inMonths(-MONTHS_BACK, MONTHS_AHEAD)},
         lateral (select uuid_floor(month at time zone 'UTC') as first, uuid_floor((month + interval '1 month') at time zone 'UTC') as next) as ids
    where not ${isMade(table)}
      and (month >= date_trunc('month', now() at time zone 'UTC')
           or exists (select from ${defaultOf(table)} as d where d.id >= first and d.id < next))
    order by month`.execute(db);
  return rows;
}

/** False when another process has made it or is at it. */
function makeMonth(db: Kysely<unknown>, table: Table, name: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await limitTimes(tx);
    const month = (await takePartitions(tx)) && (await missingMonths(tx, table)).find((missing) => missing.name === name);
    if (!month) return false;
    const [parent, child] = [sql.table(table), sql.table(`${table}_${name}`)];
    // Not "partition of", for which nobody may use the whole table: attached, it is the default partition alone.
    await sql`create table ${child} (like ${parent} including all)`.execute(tx);
    await sql`lock table ${defaultOf(table)} in access exclusive mode`.execute(tx);
    await sql`
      with strays as (delete from ${defaultOf(table)} where id >= ${month.from} and id < ${month.to} returning *)
      insert into ${child} select * from strays`.execute(tx);
    await sql`alter table ${parent} attach partition ${child} for values from (${sql.lit(month.from)}) to (${sql.lit(month.to)})`.execute(
      tx,
    );
    return true;
  });
}
