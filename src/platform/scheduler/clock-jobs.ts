import { PostgresBackend } from '@agendajs/postgres-backend';
import { Agenda, type JobRepository } from 'agenda';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { PATIENCE, watchful, type Patience } from '../database/watchful-client.js';

export interface ClockJob {
  name: string;
  /** Every so many seconds, or a cron expression with its time zone. */
  every: number | { cron: string; timeZone: string };
  /** What the job is for, in a few words. */
  purpose: string;
  run: () => Promise<unknown>;
}

/**
 * A process that held a job for so long is taken for dead, and another one runs it. Short, because nothing is swept
 * meanwhile; a job that really takes longer may then run twice at once, on two processes, which jobs here must bear.
 */
const LOCK_MS = 5_000;

const DAY_SECONDS = 86_400;
/** Clocks that differ by less hinder nobody. */
const APART_SECONDS = 5;

/** The clock's statements are small, and nothing is swept while one hangs. */
const CLOCK_PATIENCE: Patience = { ...PATIENCE, statementMs: 10_000 };

/** Runs jobs by the clock, each on one process at a time, however many there are. */
export class ClockJobs {
  private constructor(
    private readonly agenda: Agenda,
    private readonly pool: Pool,
  ) {}

  /** The schema `agenda` must exist: migration 0003 makes it. */
  static async start(
    databaseUrl: string,
    jobs: readonly ClockJob[],
    log: Logger,
    { patience = CLOCK_PATIENCE, lockMs = LOCK_MS } = {},
  ): Promise<ClockJobs> {
    const pool = new Pool({
      connectionString: databaseUrl,
      max: 4,
      application_name: 'heliograph clock',
      ...watchful(patience, { search_path: 'agenda' }),
    });
    pool.on('error', (error) => log.warn({ err: error }, 'the clock lost a database connection'));
    // The pool listens to connections that wait only: one that is lost while in use would end the program.
    pool.on('connect', (client) => client.on('error', () => undefined));
    // Its constructor connects, and a rejection there is nobody's: the pool must be known to work before.
    await forgetTheFuture(pool, jobs);
    // Nobody makes a job that must run at once: telling the others of each run would be most of the clock's statements.
    const backend = new PostgresBackend({ pool, tableName: 'agenda_jobs', ensureSchema: false, disableNotifications: true });
    askOneAtATime(backend.repository);
    const agenda = new Agenda({
      backend,
      processEvery: 500,
      defaultLockLifetime: lockMs,
    });
    agenda.on('error', (error: Error) => log.warn({ err: error }, 'the clock cannot reach the database; trying again'));
    agenda.on('fail', (error: Error, job: { attrs: { name: string } }) =>
      log.error({ err: error, job: job.attrs.name }, 'a clock job failed; it runs again at its next time'),
    );
    for (const { name, run } of jobs) {
      const alone = oneAtATime(run);
      agenda.define(name, (_job, ended) => void alone().then(() => ended(), ended), { concurrency: 1, lockLifetime: lockMs });
    }
    await agenda.start();
    for (const { name, every } of jobs) {
      const [interval, timezone] = typeof every === 'number' ? [`${every} seconds`, undefined] : [every.cron, every.timeZone];
      // Told again, Agenda would put off to its next time what was due while no scheduler ran.
      if (await isKnown(pool, name, interval, timezone)) continue;
      await agenda.every(interval, name, undefined, { skipImmediate: typeof every !== 'number', timezone });
    }
    return new ClockJobs(agenda, pool);
  }

  /** Waits for jobs under way. */
  async stop(timeoutMs: number): Promise<void> {
    await this.agenda.drain({ timeout: timeoutMs, closeConnection: false }).catch(() => undefined);
    await this.pool.end();
  }
}

/**
 * Agenda does not wait for what outlives its lock, but begins it anew each time. Far from the database, where each run
 * takes longer, they would pile up until none of them, nor anything else of the process, gets a connection.
 */
function oneAtATime(run: () => Promise<unknown>): () => Promise<unknown> {
  let underWay: Promise<unknown> | null = null;
  return () => (underWay ??= run().finally(() => (underWay = null)));
}

/**
 * Agenda asks for each job twice a second, also while it waits for the answer. Far from the database its questions would
 * pile up until every lock is over before Agenda hears that it has it, and from then on nothing runs any more.
 */
function askOneAtATime(repository: JobRepository): void {
  const ask = repository.getNextJobToRun.bind(repository);
  const asked = new Set<string>();
  repository.getNextJobToRun = async (name, ...rest) => {
    if (asked.has(name)) return undefined;
    asked.add(name);
    return ask(name, ...rest).finally(() => asked.delete(name));
  };
}

/**
 * Agenda writes the times of its own machine. One whose clock was fast has left some that nobody reaches for as long, and Agenda, told of
 * the job again, keeps the next run that it finds. One of the night that is more than a day away is reckoned anew, which changes no right one.
 */
async function forgetTheFuture(pool: Pool, jobs: readonly ClockJob[]): Promise<void> {
  await pool.query(
    `update agenda_jobs j
     set next_run_at = case when j.next_run_at <= now() + k.most then j.next_run_at end,
       locked_at = case when j.locked_at <= now() + k.apart then j.locked_at end
     from (select name, make_interval(secs => seconds + $3) as most, make_interval(secs => $3) as apart
           from unnest($1::text[], $2::int[]) as u (name, seconds)) k
     where j.name = k.name and (j.next_run_at > now() + k.most or j.locked_at > now() + k.apart)`,
    [jobs.map(({ name }) => name), jobs.map(({ every }) => (typeof every === 'number' ? every : DAY_SECONDS)), APART_SECONDS],
  );
}

async function isKnown(pool: Pool, name: string, interval: string, timeZone: string | undefined): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from agenda_jobs
     where name = $1 and type = 'single' and repeat_interval = $2 and repeat_timezone is not distinct from $3 and next_run_at is not null`,
    [name, interval, timeZone ?? null],
  );
  return rowCount !== 0;
}
