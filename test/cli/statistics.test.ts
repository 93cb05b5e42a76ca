import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { statisticsCommands } from '../../src/cli/commands/statistics.js';
import { given } from '../support/given.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
  await Promise.all([given.delivered(run.api), given.failed(run.api)]);
});
afterAll(() => run.stop());
beforeEach(() => {
  for (const [name, value] of Object.entries(run.env)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

/** What a person at a terminal sees, and the exit code. */
async function verify(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const seen = { out: '', err: '' };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((seen.out += String(text))));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((seen.err += String(text))));
  const program = new Command('heliograph');
  statisticsCommands(program);
  await program.parseAsync(['statistics', 'verify', ...args], { from: 'user' });
  out.mockRestore();
  err.mockRestore();
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { ...seen, code };
}

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
