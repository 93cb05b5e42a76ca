import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { numberOf } from '../support/upload.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

const CREATE = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } secret } }';
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }';
const lines = (from: number, count: number): string => Array.from({ length: count }, (_, index) => `${numberOf(from + index)}\n`).join('');
const storedIn = async (table: string): Promise<number> =>
  (await rowsOf<{ n: number }>(run, `select count(*)::int as n from ${table}`))[0]?.n ?? 0;

/** What the file began with is stored; then the key ends, and the rest of it comes. */
async function* fileAround(end: () => Promise<unknown>, column: string, table: string): AsyncGenerator<Buffer> {
  const before = await storedIn(table);
  yield Buffer.from(`${column}\n${lines(before, 1_500)}`);
  await eventually(async () => expect(await storedIn(table)).toBeGreaterThan(before), 5_000);
  await end();
  yield Buffer.from(lines(before + 1_500, 1_500));
}

const uploads = [
  ['of recipients', 'SENDER', '/batches?name=Upload&body=Hello', 'to', 'messages'],
  ['of consents', 'OPERATOR', '/consents?channels=SMS&categories=MARKETING&statement=Yes', 'phone', 'consents'],
] as const;

const ends = [
  ['is revoked', null, (id: string) => run.api.mutate(REVOKE, { id })],
  ['expires', 4_000, () => new Promise((resolve) => setTimeout(resolve, 4_000))],
] as const;

describe.each(uploads)('an upload %s', (_what, role, path, column, table) => {
  test.each(ends)('takes nothing more once its key %s, and keeps what it had', async (_how, lives, end) => {
    const expiresAt = lives === null ? null : new Date(Date.now() + lives);
    const { createApiKey } = await run.api.mutate(CREATE, { input: { name: 'Leaked', role, expiresAt } });
    const before = await storedIn(table);
    const answer = await fetch(run.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${createApiKey.secret}`, 'content-type': 'text/csv' },
      body: fileAround(() => end(createApiKey.apiKey.id), column, table),
      duplex: 'half',
    });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    // The full chunks of what came before.
    expect((await storedIn(table)) - before).toBe(table === 'messages' ? 1_000 : 1_500);
  });
});
