import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let last = 0;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  await fill(3);
});
afterAll(() => run.stop());

/** So many people who were written to and have answered. */
async function fill(count: number): Promise<void> {
  for (let made = 0; made < count; made++) {
    const from = `+1415562${String(1000 + ++last)}`;
    await given.message(run.api, { to: from });
    const message = { channel: 'SMS' as const, from, to: '+14155550199', body: 'Hello', mediaUrls: [], providerMessageId: `count-${last}` };
    const settle = (): Promise<void> => Promise.resolve();
    await run.app.core.inbox.inbound.receive({ provider: 'simulator', message, receivedAt: new Date(), settle });
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

const ENTRIES =
  'entries(last: 10) { nodes { ... on Message { id to body } ... on InboundMessage { id from body } } pageInfo { hasPreviousPage } }';

test.each([
  ['conversations with their contacts and entries', `{ conversations(first: 50) { nodes { id contact { id phone } ${ENTRIES} } } }`],
  [
    'messages with their conversations',
    '{ inboundMessages(first: 50) { nodes { id from conversation { id unreadCount contact { name } } } } }',
  ],
  ['contacts with their conversations', `{ contacts(first: 30) { nodes { id conversations(first: 3) { nodes { id ${ENTRIES} } } } } }`],
])('the number of SQL statements does not depend on the number of %s', async (_what, query) => {
  const before = await statementsOf(query);
  await fill(10);
  expect(await statementsOf(query)).toBe(before);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThanOrEqual(15);
});
