import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statisticsCommands } from '../../src/cli/commands/statistics.js';
import { commandLine } from '../support/command-line.js';
import { given } from '../support/given.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
  await Promise.all([given.delivered(run.api), given.failed(run.api)]);
});
afterAll(() => run.stop());

const heliograph = commandLine([statisticsCommands], () => run.env);
const verify = (...args: string[]) => heliograph('statistics', 'verify', ...args);

describe('statistics verify', () => {
  test('ends well where the statistics tell what the messages tell', async () => {
    expect(await verify()).toEqual({ out: '', err: 'demo: 2 messages recounted, 0 differences.\n', code: 0 });
  });

  test('prints every difference and ends with 1, until they are repaired', async () => {
    await rowsOf(
      run,
      `insert into statistic_deltas (tenant_id, at, channel, category, sent) select id, date_trunc('hour', now()), 'SMS', 'UTILITY', 3 from tenants`,
    );
    const { out, err, code } = await verify('--tenant', 'demo');
    expect(out.trim().split('\n')).toHaveLength(4);
    expect(out).toMatch(/^demo: day of .*, all messages, SMS UTILITY: sent 3 too many$/m);
    expect([err, code]).toEqual(['demo: 2 messages recounted, 4 differences.\n', 1]);
    expect(await verify('--repair')).toMatchObject({ err: 'demo: 2 messages recounted, 4 differences, 4 repaired.\n', code: 0 });
    expect(await verify()).toMatchObject({ out: '', code: 0 });
  });

  test('says so where there is no such tenant', async () => {
    expect(await verify('--tenant', 'nobody')).toEqual({ out: '', err: 'There is no tenant "nobody".\n', code: 1 });
  });
});
