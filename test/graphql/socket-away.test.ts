import { afterEach, expect, test } from 'vitest';
import { gql } from '../support/gql.js';
import { startEdge, type TestEdge } from './edge.js';

let edge: TestEdge;
afterEach(() => edge.stop());

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });

test('a client that signs in while the database is away is told to come back', async () => {
  const away = { authenticate: () => Promise.reject(refused()), ended: async () => [], onRevoked: () => () => undefined };
  edge = await startEdge({ keys: away });
  const subscription = gql(edge.url, `hg_demo_${'k'.repeat(32)}`).subscribe('subscription { batchProgress(id: "x") { id } }');
  expect(await subscription.closed).toMatchObject({ code: 1013 });
});
