import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postReceipt } from '../support/simulator-receipts.js';
import { footprint } from '../support/stored.js';
import { SAVE } from '../support/templates.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

/** Receipts of what is sent would come while other tests count. */
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
const FIND = `query ($filter: MessageFilter) { messages(filter: $filter) { nodes { id } totalCount } }`;
const KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } userErrors { code field } } }`;
const AUDIT = `query ($actor: String, $action: String) { auditLog(actor: $actor, action: $action) { nodes { detail } } }`;
const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }`;

describe('a filter', () => {
  test.each(['batchId', 'contactId'])('by a %s that is no id matches nothing', async (field) => {
    await run.api.mutate(SEND, { input: { to: '+14155550100', body: 'Hello', sendAt: TOMORROW } });
    for (const id of ['not-an-id', '']) {
      const { messages } = await run.api.query(FIND, { filter: { [field]: id } });
      expect(messages).toEqual({ nodes: [], totalCount: 0 });
    }
  });
});

describe('the character U+0000, which PostgreSQL cannot store', () => {
  test('is refused in a filter', async () => {
    const { code, errors } = await run.api.execute(FIND, { filter: { topic: 'a\u0000b' } });
    expect(code).toBe('BAD_USER_INPUT');
    expect(errors?.[0]?.message).toBe('A text holds the character U+0000, which cannot be stored.');
  });

  test('is refused in a message, and nothing is stored', async () => {
    const before = await run.api.query(FIND);
    const { code } = await run.api.execute(SEND, { input: { to: '+14155550100', body: 'Hello', reference: 'a\u0000b' } });
    expect(code).toBe('BAD_USER_INPUT');
    expect(await run.api.query(FIND)).toEqual(before);
  });
});

describe('U+0000 in what the settings of a tenant hold', () => {
  test.each([
    ['the name of a key', KEY, { input: { name: 'a\u0000b', role: 'VIEWER' } }],
    ['a search of the audit log', AUDIT, { actor: 'a\u0000b' }],
  ])('is refused in %s', async (_what, operation, variables) => {
    const before = await footprint(run);
    expect(await run.api.execute(operation, variables)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await footprint(run)).toEqual(before);
  });
});

describe('a language longer than any', () => {
  test('is refused in a bulk send, and nothing is stored', async () => {
    const before = await footprint(run);
    const input = { name: 'long', body: 'Hello', language: `en-x${'-abcdefgh'.repeat(20_000)}`, recipients: [{ to: '+14155550100' }] };
    const { code } = await run.api.execute(`mutation ($input: SendBulkInput!) { sendBulk(input: $input) { batch { id } } }`, { input });
    expect(code).toBe('BAD_USER_INPUT');
    expect(await footprint(run)).toEqual(before);
  });
});

describe('half a surrogate pair, which no encoding has', () => {
  test('is stored as a replacement character', async () => {
    const half = 'a\ud83d';
    const translations = [{ language: 'en', body: half, subject: half }];
    expect((await run.api.mutate(SAVE, { input: { code: 'half', translations } })).saveTemplate.userErrors).toEqual([]);
    const { template } = await run.api.query('{ template(code: "half") { versions { translations { body subject } } } }');
    expect(template.versions[0].translations).toEqual([{ body: 'a\ufffd', subject: 'a\ufffd' }]);
    expect((await run.api.mutate(KEY, { input: { name: half, role: 'VIEWER' } })).createApiKey.userErrors).toEqual([]);
    const { auditLog } = await run.api.query(AUDIT, { action: 'apiKey.created' });
    expect(auditLog.nodes[0].detail).toMatchObject({ name: 'a\ufffd' });
  });
});

describe('a batch of which nobody can be sent to', () => {
  test('is over at once', async () => {
    const { sendBulk } = await run.api.mutate(
      `mutation { sendBulk(input: { name: "nobody", body: "Hello", recipients: [{ to: "1" }] }) { batch { status total rejected createdAt completedAt } } }`,
    );
    expect(sendBulk.batch).toMatchObject({ status: 'COMPLETED', total: 1, rejected: 1, completedAt: sendBulk.batch.createdAt });
  });
});

describe('the character U+0000 outside of GraphQL', () => {
  test('is refused in the terms of an upload, and nothing is stored', async () => {
    const before = await footprint(run);
    const answer = await fetch(`${run.url}/batches?name=n&body=Hi&idempotencyKey=%00`, {
      method: 'POST',
      headers: { authorization: `Bearer ${run.api.key}`, 'content-type': 'text/csv' },
      body: 'to\n+14155550100\n',
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'BAD_USER_INPUT' }]);
    expect(await footprint(run)).toEqual(before);
  });

  test('is refused in a webhook, and nothing is stored', async () => {
    const before = await footprint(run);
    const answer = await postReceipt(run, { messageId: null, sid: 'a\u0000b', status: 'delivered' });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'BAD_USER_INPUT' }]);
    expect(await footprint(run)).toEqual(before);
  });
});

describe('a time that is no year of the calendar in UTC', () => {
  test.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:00'])('is refused: %s', async (time) => {
    const before = await footprint(run);
    const input = { to: '+14155550100', body: 'Hello' };
    for (const field of ['sendAt', 'expiresAt'])
      expect(await run.api.execute(SEND, { input: { ...input, [field]: time } })).toMatchObject({ code: 'BAD_USER_INPUT' });
    const answer = await fetch(`${run.url}/batches?name=n&body=Hi&sendAt=${time}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${run.api.key}`, 'content-type': 'text/csv' },
      body: 'to\n+14155550100\n',
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { userErrors: [{ code: 'INVALID_INPUT', field: ['sendAt'] }] }]);
    expect(await footprint(run)).toEqual(before);
  });
});
