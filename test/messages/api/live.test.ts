import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, inSeconds, messageIn, readMessage } from '../../support/given.js';
import type { TestApi, TestSubscription } from '../../support/gql.js';
import { CHANGED, onBatch, onMessage, PROGRESS } from '../../support/operations.js';
import { statementsWhile } from '../../support/statements.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
  await given.session(run);
});
afterAll(() => run.stop());

const open: TestSubscription<any>[] = [];
afterAll(() => Promise.all(open.map((subscription) => subscription.close())));

/** Once it listens: what happens from then on arrives. */
async function changes(variables: Record<string, unknown> = {}, api: TestApi = run.api): Promise<TestSubscription<any>> {
  const subscription = api.subscribe(CHANGED, variables);
  open.push(subscription);
  await subscription.connected;
  await new Promise((resolve) => setTimeout(resolve, 250));
  return subscription;
}

const next = async (subscription: TestSubscription<any>) => (await subscription.next()).messageStatusChanged;
const take = async (subscription: TestSubscription<any>, count: number) =>
  (await subscription.take(count)).map((event) => event.messageStatusChanged);
const statuses = (events: any[]): string[] => events.map(({ status }) => status);
const cancel = (id: string) => run.api.mutate(onMessage('cancelMessage'), { id });

describe.concurrent('messageStatusChanged', () => {
  test('tells every change of a message in its order, once, with the message as it is', async () => {
    const all = await changes({ filter: { reference: 'every change' } });
    const { id } = await given.message(run.api, { to: '+15005550013', reference: 'every change' });
    const events: any[] = [];
    do events.push(await next(all));
    while (events.at(-1).status !== 'DELIVERED');
    // A receipt that overtakes the answer to our own call leaves out SENT.
    expect(['QUEUED SENDING SENT DELIVERED', 'QUEUED SENDING DELIVERED']).toContain(statuses(events).join(' '));
    expect(events.map(({ previousStatus }) => previousStatus)).toEqual([null, ...statuses(events).slice(0, -1)]);
    for (const event of events)
      expect(event).toMatchObject({ messageId: id, applied: true, message: { id, to: '+15005550013', body: 'Hello' } });
    await all.expectSilence(1_200);
    const stored = (await readMessage(run.api, id)).events.filter(({ applied }: any) => applied);
    expect(events.map((event) => event.id)).toEqual(stored.map((event: any) => event.id));
  });

  test.each<[string, object, object, object]>([
    ['status', { status: ['FAILED'] }, { to: '+15005550001' }, { to: '+14155550101' }],
    ['channel', { channel: ['WHATSAPP'], status: ['QUEUED'] }, { channels: ['WHATSAPP'] }, { channels: ['SMS'] }],
    ['category', { category: ['SERVICE'], status: ['QUEUED'] }, { category: 'SERVICE' }, { category: 'UTILITY' }],
    ['topic', { topic: 'news', status: ['QUEUED'] }, { topic: 'news' }, { topic: 'other' }],
    ['number', { to: '001 415 555 0177', status: ['QUEUED'] }, { to: '+14155550177' }, { to: '+14155550178' }],
    ['provider', { provider: ['simulator'], status: ['SENDING'] }, {}, { sendAt: inSeconds(600) }],
    ['error', { errorKind: ['OPTED_OUT'] }, { to: '+15005550002' }, { to: '+15005550001' }],
    ['time', { createdAfter: new Date(0).toISOString(), status: ['QUEUED'] }, {}, { sendAt: inSeconds(600) }],
  ])('passes on what the filter by %s lets through, and nothing else', async (what, filter, wanted, unwanted) => {
    const some = await changes({ filter: { ...filter, reference: `by ${what}` } });
    const { id: other } = await given.message(run.api, { ...unwanted, reference: `by ${what}` });
    const { id } = await given.message(run.api, { ...wanted, reference: `by ${what}` });
    expect(await next(some)).toMatchObject({ messageId: id });
    expect(other).not.toBe(id);
    await some.expectSilence(300);
  });

  test('follows the messages that are named, and no others', async () => {
    const [first, second] = await Promise.all([given.scheduled(run.api), given.scheduled(run.api)]);
    const own = await changes({ messageIds: [first.id, '0198c0de-0000-7000-8000-000000000000'] });
    await cancel(second.id);
    await cancel(first.id);
    expect(await next(own)).toMatchObject({ messageId: first.id, status: 'CANCELLED', previousStatus: 'SCHEDULED', source: 'API' });
    await own.expectSilence(300);
  });

  test('goes on from where the feed stood before the first change', async () => {
    const { feedCursor: after } = await run.api.query('{ feedCursor }');
    const { id } = await given.scheduled(run.api);
    await cancel(id);
    const late = await changes({ after, messageIds: [id] });
    expect(statuses(await take(late, 2))).toEqual(['SCHEDULED', 'CANCELLED']);
    await late.expectSilence(300);
  });

  test('follows a batch', async () => {
    const { id: batchId } = await given.batch(run.api, {
      recipients: [{ to: '+14155550101' }, { to: '+14155550102' }],
      sendAt: inSeconds(600),
    });
    const ofBatch = await changes({ filter: { batchId } });
    await run.api.mutate(onBatch('cancelBatch'), { id: batchId });
    expect(statuses(await take(ofBatch, 2))).toEqual(['CANCELLED', 'CANCELLED']);
  });

  test('continues after a cursor with all that has happened since, and then live', async () => {
    const reference = 'continued';
    const before = await changes({ filter: { reference } });
    const { id } = await given.message(run.api, { reference });
    const [queued] = await take(before, 4);
    const { id: meanwhile } = await given.delivered(run.api, { reference });
    const later = await changes({ filter: { reference }, after: queued.cursor });
    const missed = await take(later, 7);
    expect(statuses(missed.filter(({ messageId }) => messageId === id))).toEqual(['SENDING', 'SENT', 'DELIVERED']);
    expect(statuses(missed.filter(({ messageId }) => messageId === meanwhile))).toEqual(['QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
    const { id: live } = await given.scheduled(run.api, { reference });
    expect(await next(later)).toMatchObject({ messageId: live, status: 'SCHEDULED' });
  });

  test.each([
    ['errorKind', { errorKind: ['PROVIDER_UNAVAILABLE'] }, ['QUEUED', 'QUEUED']],
    ['provider', { provider: ['simulator'], status: ['QUEUED', 'SENDING'] }, ['SENDING', 'QUEUED', 'SENDING', 'QUEUED', 'SENDING']],
  ])('lets through by %s what the change itself says, live and from a cursor alike', async (what, filter, expected) => {
    const reference = `${what} of the change`;
    const all = await changes({ filter: { reference } });
    const some = await changes({ filter: { ...filter, reference } });
    await given.scheduled(run.api, { reference });
    const { cursor: beginning } = await next(all);
    // Fails twice at the provider.
    await given.delivered(run.api, { to: '+15005550012', reference });
    expect(statuses(await take(some, expected.length))).toEqual(expected);
    await some.expectSilence(300);
    const resumed = await changes({ filter: { ...filter, reference }, after: beginning });
    expect(statuses(await take(resumed, expected.length))).toEqual(expected);
    await resumed.expectSilence(300);
  });

  test('takes the cursor of an event of the log, too', async () => {
    const { id } = await given.delivered(run.api, { reference: 'from the log' });
    const { events } = await readMessage(run.api, id);
    const rest = await changes({ messageIds: [id], after: events[1].cursor });
    const seen: string[] = [];
    while (seen.at(-1) !== 'DELIVERED') seen.push((await next(rest)).status);
    // Those before them come again when a transaction that is still running might be older.
    expect(seen.slice(-2)).toEqual(['SENT', 'DELIVERED']);
    await rest.expectSilence(300);
  });

  const cursor = (text: string): string => Buffer.from(text).toString('base64url');
  test.each([
    ['made up', 'abc'],
    ['empty', ''],
    ['of a list', cursor('0198c0de-0000-7000-8000-000000000000')],
    ['of a place beyond all numbers', cursor('99999999999999999999:0198c0de-0000-7000-8000-000000000000')],
  ])('refuses a cursor that is %s', async (_what, after) => {
    await expect((await changes({ after })).next()).rejects.toThrow('BAD_USER_INPUT');
  });

  test('answers a cursor of no event from its place on', async () => {
    const subscription = await changes({
      after: cursor('18446744073709551615:00000000-0000-0000-0000-000000000000'),
      filter: { reference: 'future' },
    });
    const { id } = await given.scheduled(run.api, { reference: 'future' });
    expect(await next(subscription)).toMatchObject({ messageId: id });
  });

  test('refuses more than 1,000 ids', async () => {
    const ids = Array.from({ length: 1_001 }, () => '0198c0de-0000-7000-8000-000000000000');
    await expect((await changes({ messageIds: ids })).next()).rejects.toThrow('BAD_USER_INPUT');
  });

  test('is served on sockets only', async () => {
    expect(await run.api.execute(CHANGED)).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe.concurrent('batchProgress', () => {
  test('shows the batch at once, and then whenever it has moved', async () => {
    const { id } = await given.batch(run.api, { recipients: [{ to: '+14155550101' }], sendAt: inSeconds(1.5) });
    const progress = run.api.subscribe(PROGRESS, { id });
    open.push(progress);
    const seen = [];
    do seen.push((await progress.next(10_000)).batchProgress);
    while (seen.at(-1).status !== 'COMPLETED' || seen.at(-1).progress < 1);
    expect(seen[0]).toMatchObject({ id, status: 'RUNNING', progress: 0, counts: [{ status: 'SCHEDULED', count: 1 }] });
    expect(seen.at(-1)).toMatchObject({ id, counts: [{ status: 'DELIVERED', count: 1 }] });
    expect(seen.length).toBeLessThanOrEqual(5);
  });

  test('tells of a pause', async () => {
    const { id } = await given.batch(run.api, { recipients: [{ to: '+14155550101' }], sendAt: inSeconds(600) });
    const progress = run.api.subscribe(PROGRESS, { id });
    open.push(progress);
    expect(await progress.next()).toMatchObject({ batchProgress: { status: 'RUNNING' } });
    await run.api.mutate(onBatch('pauseBatch'), { id });
    expect(await progress.next()).toMatchObject({ batchProgress: { status: 'PAUSED' } });
    await progress.expectSilence(1_300);
  });

  test.each(['0198c0de-0000-7000-8000-000000000000', 'not an id'])('knows no batch %j', async (id) => {
    const progress = run.api.subscribe(PROGRESS, { id });
    open.push(progress);
    await expect(progress.next()).rejects.toThrow('NOT_FOUND');
  });
});

test('the progress of a batch is read once for all who follow it', async () => {
  const { id } = await given.batch(run.api, { recipients: [{ to: '+14155550101' }], sendAt: inSeconds(600) });
  const followers = Array.from({ length: 20 }, () => run.api.subscribe(PROGRESS, { id }));
  open.push(...followers);
  for (const progress of followers) await progress.next();
  const sent = await statementsWhile(async () => {
    await run.api.mutate(onBatch('pauseBatch'), { id });
    for (const progress of followers) while ((await progress.next()).batchProgress.status !== 'PAUSED');
  });
  const counting = sent.filter(({ text, values }) => text.includes('batch_counts') && JSON.stringify(values).includes(id));
  // pauseBatch answers with the counts, too, and its acceptance may be told only now.
  expect([2, 3]).toContain(counting.length);
});

test('a message that is SENT when a subscriber comes is still followed to its end', async () => {
  const { id } = await given.sent(run.api);
  const own = await changes({ messageIds: [id] });
  await run.api.mutate(onMessage('refreshMessageStatus'), { id });
  expect(await next(own)).toMatchObject({ status: 'DELIVERED', source: 'POLL' });
  await messageIn(run.api, 'DELIVERED', id);
});
