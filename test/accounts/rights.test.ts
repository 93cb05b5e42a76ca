import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Role } from '../../src/accounts/caller.js';
import { startEdge, type TestEdge } from '../graphql/edge.js';
import type { TestApi } from '../support/gql.js';

/** A valid call of each operation, and who may make it. */
const OPERATIONS: [string, string, Role[]][] = [
  ['viewer', '{ viewer { role tenant { id } } }', ['ADMIN', 'OPERATOR', 'SENDER', 'VIEWER']],
  ['apiKeys', '{ apiKeys { id } }', ['ADMIN']],
  ['auditLog', '{ auditLog { nodes { id } } }', ['ADMIN']],
  ['createApiKey', 'mutation { createApiKey(input: { name: "x", role: ADMIN }) { secret } }', ['ADMIN']],
  ['revokeApiKey', 'mutation { revokeApiKey(id: "x") { apiKey { id } } }', ['ADMIN']],
  ['updateTenant', 'mutation { updateTenant(input: { name: "Renamed" }) { tenant { name } } }', ['ADMIN']],
];

let edge: TestEdge;
const keys = new Map<Role, TestApi>();
beforeAll(async () => {
  edge = await startEdge();
  for (const role of Object.values(Role)) keys.set(role, (await edge.key(role)).api);
});
afterAll(() => edge.stop());

describe.each(OPERATIONS)('%s', (_name, operation, allowed) => {
  test.each(Object.values(Role))('asked by %s', async (role) => {
    const answer = await keys.get(role)?.execute(operation);
    expect([answer?.status, answer?.code]).toEqual([200, allowed.includes(role) ? undefined : 'FORBIDDEN']);
  });

  test('asked by nobody', async () => {
    expect(await edge.anonymous.execute(operation)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', data: null });
  });
});

test('a forbidden change has not happened', async () => {
  await keys.get('OPERATOR')?.execute('mutation { updateTenant(input: { name: "By operator" }) { tenant { name } } }');
  expect((await edge.accounts.tenants.settings(edge.tenantId)).name).not.toBe('By operator');
});
