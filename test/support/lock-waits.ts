import { expect } from 'vitest';
import { eventually } from './eventually.js';
import { rowsOf } from './stored.js';
import type { TestApp } from './test-app.js';

/** The statements to the test's database that wait for a lock. */
export const LOCK_WAITS = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/** Resolves when a statement waits for a lock; with `naming`, one in whose text that stands. */
export const somebodyWaits = (run: TestApp, naming = ''): Promise<void> =>
  eventually(async () => expect(await rowsOf(run, `${LOCK_WAITS} and query like '%${naming}%'`)).not.toEqual([]), 8_000);
