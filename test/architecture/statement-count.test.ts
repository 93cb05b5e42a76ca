import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { given } from '../support/given.js';
import { rowsOf } from '../support/stored.js';
import { saved } from '../support/templates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  await fill(3);
});
afterAll(() => run.stop());

/** So many batches of one message each, and messages that another one stands in for. */
async function fill(count: number): Promise<void> {
  for (let made = 0; made < count; made++) {
    await given.batch(run.api, { recipients: [{ to: '+14155550100' }] });
    const { code } = await saved(run.api, { code: `statement_${made}_of_${count}`, body: 'Demo: hello', publish: true });
    const [first, second] = [await given.message(run.api), await given.message(run.api, { template: code, body: null })];
    await rowsOf(run, `update messages set fallback_id = '${second.id}' where id = '${first.id}'`);
    await rowsOf(run, `update messages set fallback_of = '${first.id}' where id = '${second.id}'`);
  }
}

/** The least of a few tries: work in the background asks for something now and then. */
async function statementsOf(query: string): Promise<number> {
  const counts = [await countOnce(query), await countOnce(query), await countOnce(query)];
  return Math.min(...counts);
}

async function countOnce(query: string): Promise<number> {
  const send = vi.spyOn(Client.prototype, 'query');
  try {
    await run.api.query(query);
    return send.mock.calls.length;
  } finally {
    send.mockRestore();
  }
}

const NESTED = `id status template { code published { version } } batch { id name counts { status count } progress cost { amount } }
  events { id status message { id batch { id } } } explanation { summary checks { rule } routing { provider } }
  fallback { id events { id } } fallbackOf { id batch { id } }`;

describe('the number of SQL statements does not depend on the number of rows', () => {
  test.each([
    ['messages with all that hangs on them', `{ messages(first: 50) { nodes { ${NESTED} } totalCount } }`],
    ['batches with their counts', '{ batches(first: 50) { nodes { id counts { status count } progress cost { amount } } } }'],
    [
      'templates with their versions',
      '{ templates(search: "statement") { code published { version } versions { version issues { code } } } }',
    ],
    ['API keys', '{ apiKeys { id name } }'],
    ['the audit log', '{ auditLog(first: 50) { nodes { id action } } }'],
  ])('of %s', async (_what, query) => {
    const before = await statementsOf(query);
    await fill(10);
    expect(await statementsOf(query)).toBe(before);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThanOrEqual(15);
  });
});
