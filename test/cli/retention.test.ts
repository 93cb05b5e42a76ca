import { afterAll, beforeAll, expect, test } from 'vitest';
import { retentionCommand } from '../../src/cli/commands/retention.js';
import { commandLine } from '../support/command-line.js';
import { acceptedDaysAgo, daysAgo } from '../support/old-messages.js';
import { rowsOf } from '../support/stored.js';
import type { TestTenant } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let clinic: TestTenant;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  clinic = await run.withTenant('clinic');
  await acceptedDaysAgo(run, clinic.id, [95], [92], [91.5, { status: 'SCHEDULED', dueAt: daysAgo(-9) }], [80]);
});
afterAll(() => run.stop());

const heliograph = commandLine([retentionCommand], () => run.env);
const day = daysAgo(90).toISOString().slice(0, 10);
const stored = async (): Promise<number> => (await rowsOf(run, 'select from messages')).length;

test('retention tells of each tenant what is too old, and deletes nothing', async () => {
  const { out, err, code } = await heliograph('retention');
  expect(out).toBe(`clinic: keeps 90 days; messages older than ${day}: 3\ndemo: keeps 90 days; messages older than ${day}: 0\n`);
  expect(err).toMatch(/^clinic: next turn 20\d\d-\S+T02:00:00.000Z; what still waits, or was heard of since, stays longer\.\n$/);
  expect([code, await stored()]).toEqual([0, 4]);
});

test('retention --run deletes it at once, but for what still waits', async () => {
  const { out, code } = await heliograph('retention', '--run');
  expect(out).toContain(`clinic: keeps 90 days; messages older than ${day}: 1\n`);
  expect([code, await stored()]).toEqual([0, 2]);
});
