import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditEntry } from '../../src/accounts/audit-entry.entity.js';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { startEdge, type TestEdge } from '../graphql/edge.js';

const LIST = `query ($actor: String, $action: String, $subject: String, $first: Int, $after: String) {
  auditLog(actor: $actor, action: $action, subject: $subject, first: $first, after: $after) {
    nodes { id at actor action subject detail ip userAgent } pageInfo { hasNextPage endCursor }
  }
}`;

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

const list = async (variables: object = {}) => (await edge.admin.query(LIST, { ...variables })).auditLog;
const record = (actor: string, action: string, subject: string): Promise<void> =>
  edge.db.transaction((tx) => edge.accounts.audit.record(tx, systemCaller(edge.tenantId, actor), { action, subject, detail: { n: 1 } }));

async function sql(statement: string): Promise<unknown> {
  const client = new Client({ connectionString: edge.databaseUrl });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

test.each([`update audit_entries set actor = 'nobody'`, 'delete from audit_entries', 'truncate audit_entries'])(
  'the database refuses: %s',
  async (statement) => {
    const before = await edge.db.emOfAllTenants().count(AuditEntry, {});
    await expect(sql(statement)).rejects.toThrow('audit_entries is append-only');
    expect(await edge.db.emOfAllTenants().count(AuditEntry, {})).toBe(before);
  },
);

test('an act that fails leaves no entry', async () => {
  const failing = edge.db.transaction(async (tx) => {
    await edge.accounts.audit.record(tx, systemCaller(edge.tenantId, 'failing'), { action: 'a.b', subject: 'c:d' });
    throw new Error('the act failed');
  });
  await expect(failing).rejects.toThrow('the act failed');
  expect((await list({ actor: 'failing' })).nodes).toEqual([]);
});

test('an entry tells who did what, when and from where', async () => {
  await edge.admin.post(JSON.stringify({ query: 'mutation { createApiKey(input: { name: "Audited", role: VIEWER }) { secret } }' }), {
    'user-agent': 'clinic/1.0',
  });
  const { nodes } = await list({ first: 1, action: 'apiKey.created' });
  expect(nodes).toEqual([
    {
      id: expect.any(String),
      at: expect.any(String),
      actor: 'First key',
      action: 'apiKey.created',
      subject: expect.stringMatching(/^apiKey:[\da-f-]{36}$/),
      detail: { name: 'Audited', role: 'VIEWER', prefix: expect.stringMatching(/^hg_demo_/), expiresAt: null },
      ip: '127.0.0.1',
      userAgent: 'clinic/1.0',
    },
  ]);
  expect(Math.abs(Date.now() - Date.parse(nodes[0].at))).toBeLessThan(5_000);
});

describe('the list', () => {
  test('is newest first, filtered exactly, and read page by page', async () => {
    for (const subject of ['x:1', 'x:2', 'x:3']) await record('pager', 'x.done', subject);
    await record('pager', 'y.done', 'x:1');
    const first = await list({ actor: 'pager', action: 'x.done', first: 2 });
    const second = await list({ actor: 'pager', action: 'x.done', first: 2, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes].map(({ subject }) => subject)).toEqual(['x:3', 'x:2', 'x:1']);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect((await list({ actor: 'pager', subject: 'x:1' })).nodes).toHaveLength(2);
    expect((await list({ actor: 'page' })).nodes).toEqual([]);
  });

  test('shows nothing of other tenants', async () => {
    const other = await edge.accounts.tenants.create('test', { slug: 'other', name: 'Other' });
    const { api, id } = await edge.key('ADMIN', { tenantId: other.id });
    expect((await list({ subject: `apiKey:${id}` })).nodes).toEqual([]);
    const theirs = (await api.query(LIST)).auditLog.nodes;
    expect(theirs.map(({ action }: { action: string }) => action)).toEqual(['apiKey.created', 'tenant.created']);
  });

  test('a cursor of nowhere is BAD_USER_INPUT', async () => {
    expect(await edge.admin.execute(LIST, { after: 'eA' })).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
