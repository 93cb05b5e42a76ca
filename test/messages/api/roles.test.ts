import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestApi } from '../../support/gql.js';
import { given, NUMBER } from '../../support/given.js';
import { CHANGED, MESSAGE, onBatch, onMessage, PROGRESS, RETRY_FAILED, SEND, SEND_BULK } from '../../support/operations.js';
import { footprint } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import type { TestTenant } from '../../support/tenants.js';

let run: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  run = await startTestApp();
  tenant = await run.withTenant('demo');
});
afterAll(() => run.stop());

type Role = 'admin' | 'operator' | 'sender' | 'viewer';
const ROLES: Role[] = ['admin', 'operator', 'sender', 'viewer'];
const OPERATORS: Role[] = ['admin', 'operator'];
const SENDERS: Role[] = ['admin', 'operator', 'sender'];
const READERS: Role[] = ['admin', 'operator', 'viewer'];

const STATISTICS = 'subscription { statisticsUpdated { __typename } }';
const id = '0198c0de-0000-7000-8000-000000000000';
const range = { from: new Date(Date.now() - 60_000), to: new Date() };
const send = { to: NUMBER, body: 'Hello', sendAt: new Date(Date.now() + 600_000) };
const check = { contact: { phone: NUMBER }, channel: 'SMS', category: 'UTILITY' };
const budget = { period: 'DAY', limit: '1000', currency: 'USD' };
const bulk = { name: 'Batch', body: 'Hello', sendAt: send.sendAt, recipients: [{ to: NUMBER }] };

/** A call of each operation that is about messages and their delivery. */
const OPERATIONS: Record<string, [string, Record<string, unknown>, Role[]]> = {
  sendMessage: [SEND, { input: send }, SENDERS],
  sendBulk: [SEND_BULK, { input: bulk }, SENDERS],
  forecastBulk: ['query ($input: SendBulkInput!) { forecastBulk(input: $input) { deliverable } }', { input: bulk }, SENDERS],
  checkSend: ['query ($input: SendCheckInput!) { checkSend(input: $input) { allowed } }', { input: check }, ROLES],
  setBudget: ['mutation ($input: BudgetInput!) { setBudget(input: $input) { userErrors { code } } }', { input: budget }, ['admin']],
  cancelMessage: [onMessage('cancelMessage'), { id }, SENDERS],
  retryMessage: [onMessage('retryMessage'), { id }, SENDERS],
  retryFailedMessages: [RETRY_FAILED, { filter: {} }, OPERATORS],
  refreshMessageStatus: [onMessage('refreshMessageStatus'), { id }, OPERATORS],
  pauseBatch: [onBatch('pauseBatch'), { id }, SENDERS],
  resumeBatch: [onBatch('resumeBatch'), { id }, SENDERS],
  cancelBatch: [onBatch('cancelBatch'), { id }, SENDERS],
  message: [MESSAGE, { id }, ROLES],
  messages: ['{ messages { nodes { id } totalCount } }', {}, READERS],
  batch: ['query ($id: ID!) { batch(id: $id) { id } }', { id }, ROLES],
  batches: ['{ batches { nodes { id } } }', {}, READERS],
  analyzeText: ['{ analyzeText(text: "a") { segments } }', {}, ROLES],
  health: ['{ health { state } }', {}, ROLES],
  statistics: ['query ($range: TimeRangeInput!) { statistics(range: $range) { __typename } }', { range }, READERS],
  providers: ['{ providers { name } }', {}, READERS],
  queues: ['{ queues { name } }', {}, READERS],
};

const SUBSCRIPTIONS = { messageStatusChanged: CHANGED, batchProgress: PROGRESS, statisticsUpdated: STATISTICS };

describe('an operation is refused to every other role, and to nobody signed in:', () => {
  let untouched: Record<string, number>;
  beforeAll(async () => {
    untouched = await footprint(run);
  });

  test.each(Object.entries(OPERATIONS))('%s', async (_name, [document, variables, allowed]) => {
    const others = ROLES.filter((role) => !allowed.includes(role));
    const refusals = await Promise.all(others.map((role) => tenant[role].execute(document, variables)));
    expect(refusals.map(({ status, code }) => `${status} ${code}`)).toEqual(others.map(() => '200 FORBIDDEN'));
    const answer = await run.nobody.execute(document, variables);
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(Object.values(answer.data ?? {}).filter((value) => value !== null)).toEqual([]);
  });

  test('and nothing of all this was stored, queued or sent', async () => {
    expect(await footprint(run)).toEqual(untouched);
  });
});

describe('an operation is answered to the roles it is for:', () => {
  test.each(Object.entries(OPERATIONS))('%s', async (_name, [document, variables, allowed]) => {
    const answers = await Promise.all(allowed.map((role) => tenant[role].execute(document, variables)));
    expect(answers.map(({ code }) => code)).toEqual(allowed.map(() => undefined));
  });
});

describe('a SENDER', () => {
  const BATCH_OF = 'query ($id: ID!) { message(id: $id) { batch { id status progress counts { count } } } }';
  const LIST_OF = 'query ($id: ID!) { message(id: $id) { batch { messages { totalCount nodes { to body } } } } }';

  test('follows the batch of a message that it knows, and does not read the messages of the others', async () => {
    await given.batch(tenant.admin, bulk);
    const [{ id: known }] = (await tenant.admin.query('{ messages(first: 1) { nodes { id } } }')).messages.nodes;
    expect((await tenant.sender.query(BATCH_OF, { id: known })).message.batch).toMatchObject({ status: 'RUNNING', progress: 0 });
    expect(await tenant.sender.execute(LIST_OF, { id: known })).toMatchObject({ code: 'FORBIDDEN', data: { message: { batch: null } } });
  });

  test('reads the settings of its tenant, and not what was spent', async () => {
    expect((await tenant.sender.query('{ viewer { tenant { currency } } }')).viewer.tenant).toEqual({ currency: expect.any(String) });
    expect((await tenant.sender.execute('{ viewer { tenant { budgets { spent { amount } } } } }')).code).toBe('FORBIDDEN');
  });
});

describe('a subscription', () => {
  const endOf = async (api: TestApi, document: string): Promise<unknown> => {
    const subscription = api.subscribe(document, { id });
    const end = await subscription.next(300).catch((error: Error) => error.message);
    await subscription.close();
    return end;
  };

  const endsFor = (role: Role): Promise<unknown[]> =>
    Promise.all(Object.values(SUBSCRIPTIONS).map((document) => endOf(tenant[role], document)));

  test.each(READERS)('is answered to the role %s', async (role) => {
    expect(await endsFor(role)).toEqual([
      'Nothing arrived within 300 ms.',
      expect.stringContaining('NOT_FOUND'),
      { statisticsUpdated: { __typename: 'Statistics' } },
    ]);
  });

  test('is refused to the role sender', async () => {
    expect(await endsFor('sender')).toEqual(Object.values(SUBSCRIPTIONS).map(() => expect.stringContaining('FORBIDDEN')));
  });

  test.each(Object.values(SUBSCRIPTIONS))('asked by nobody ends with the socket: %s', async (document) => {
    const subscription = run.nobody.subscribe(document, { id });
    expect(await subscription.closed).toMatchObject({ code: 4401 });
    await expect(subscription.next()).rejects.toThrow();
  });
});
