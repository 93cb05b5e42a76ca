import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signatureOf } from '../../src/delivery/providers/simulator/simulator-signature.js';
import { Secret } from '../../src/secret.js';
import { eventually } from '../support/eventually.js';
import { given, messageIn, readMessage } from '../support/given.js';
import { countsAgree } from '../support/reckoning.js';
import { postReceipt, secretOf, type SignedPost, type TestReceipt } from '../support/simulator-receipts.js';
import { footprint, rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { scale } from './scale.js';

const SEED = 20_260_301;
const DAY_MS = 86_400_000;
/** Taken by the simulator, which never reports on it. */
const SILENT = '+15005550014';
/** Taken by the simulator, which never answers the call. */
const UNANSWERED = '+15005550010';

let run: TestApp;
beforeAll(async () => void (run = await startTestApp({ PROVIDER_TIMEOUT_SECONDS: '3', SIMULATOR_SPEED: '20' })));
afterAll(() => run.stop());

const sent = async (): Promise<{ messageId: string; sid: string }> => {
  const { id, providerMessageId } = await given.sent(run.api, { to: SILENT });
  return { messageId: id, sid: providerMessageId };
};

async function report(receipt: TestReceipt): Promise<void> {
  expect((await postReceipt(run, receipt)).status).toBe(200);
}

const journalled = (sid: string): Promise<{ state: string }[]> =>
  rowsOf(run, `select state from webhook_journal where provider_message_id = '${sid}' order by id`);

describe('receipts in any order, any number of times', () => {
  const words = ['sent', 'delivered', 'read', 'undelivered', 'a word of tomorrow'];
  const finalOf = (told: string[]): string => {
    if (told.includes('read')) return 'READ';
    if (told.includes('delivered')) return 'DELIVERED';
    return told.includes('undelivered') ? 'FAILED' : 'SENT';
  };

  test(`lead to the same end (seed ${SEED})`, async () => {
    const orders = fc.sample(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }), { seed: SEED, numRuns: scale(300, 40) });
    const endOf = async (told: string[]): Promise<void> => {
      const message = await sent();
      for (const status of told) await report({ ...message, status });
      expect([told, (await readMessage(run.api, message.messageId)).status]).toEqual([told, finalOf(told)]);
    };
    for (let start = 0; start < orders.length; start += 40) await Promise.all(orders.slice(start, start + 40).map(endOf));
  }, 120_000);

  test('also when they come all at once', async () => {
    const message = await sent();
    await Promise.all(Array.from({ length: 40 }, (_, index) => report({ ...message, status: words[index % words.length] ?? '' })));
    const { status, events } = await readMessage(run.api, message.messageId);
    expect(status).toBe('READ');
    const moves = events.filter((event: any) => event.applied && event.source === 'WEBHOOK').map((event: any) => event.status);
    expect(new Set(moves).size).toBe(moves.length);
    expect(await journalled(message.sid)).toHaveLength(40);
  });

  test('and the statistics equal a recount', async () => {
    await expect(countsAgree(run.database.url)).resolves.toBeUndefined();
  });
});

describe('forged receipts', () => {
  test.each<[string, (original: SignedPost, app: TestApp) => SignedPost]>([
    ['a changed body', (original) => ({ ...original, rawBody: original.rawBody.replace('delivered', 'read') })],
    ['another message', (original) => ({ ...original, url: original.url.replace(/m=[^&]+/, 'm=01900000-0000-7000-8000-000000000000') })],
    ['another attempt', (original) => ({ ...original, url: `${original.url}0` })],
    ['another secret', (original) => ({ ...original, signature: signatureOf(new Secret('guessed'), original) })],
    [
      'a signature of an hour ago',
      (original, app) => ({ ...original, signature: signatureOf(secretOf(app), original, Date.now() - 3_600_000) }),
    ],
  ])('with %s are refused, and nothing is stored', async (_what, spoil) => {
    const message = await sent();
    const before = await footprint(run);
    const answer = await postReceipt(run, { ...message, status: 'delivered' }, (post) => spoil(post, run));
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'INVALID_SIGNATURE' }]);
    expect(await footprint(run)).toEqual(before);
    expect((await readMessage(run.api, message.messageId)).status).toBe('SENT');
  });
});

describe('early receipts', () => {
  test('that come seconds before the call has ended settle the message, and the lost answer does not undo it', async () => {
    const { id } = await given.message(run.api, { to: UNANSWERED });
    await messageIn(run.api, 'SENDING', id);
    await report({ messageId: id, sid: 'early', status: 'delivered' });
    expect((await readMessage(run.api, id)).status).toBe('DELIVERED');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await readMessage(run.api, id)).toMatchObject({ status: 'DELIVERED', attempts: 1, error: null });
    expect(run.simulator.taken(id)).toBe(1);
  });

  test('of ids that nobody knows yet are kept, and applied once they are known', async () => {
    const { messageId } = await sent();
    await report({ messageId: null, sid: 'parked-1', status: 'delivered' });
    expect(await journalled('parked-1')).toEqual([{ state: 'PARKED' }]);
    // The outcome is recorded after the receipt came.
    await rowsOf(run, `update messages set provider_message_id = 'parked-1' where id = '${messageId}'`);
    await messageIn(run.api, 'SENT', messageId);
    await eventually(async () => expect(await journalled('parked-1')).toEqual([{ state: 'APPLIED' }]), 18_000);
    expect((await readMessage(run.api, messageId)).status).toBe('DELIVERED');
  }, 25_000);
});

describe('receipts that are late by days', () => {
  const daysAgo = (id: string): Promise<unknown> =>
    rowsOf(
      run,
      `update messages set sent_at = sent_at - interval '9 days', failed_at = failed_at - interval '9 days', delivered_at = delivered_at - interval '9 days' where id = '${id}'`,
    );

  test.each([-9 * DAY_MS, 0, 9 * DAY_MS])('of DELIVERED win over a failure, whatever their clock says (%i ms off)', async (off) => {
    const message = await sent();
    await report({ ...message, status: 'undelivered' });
    await daysAgo(message.messageId);
    expect((await readMessage(run.api, message.messageId)).status).toBe('FAILED');
    await report({ ...message, status: 'delivered', at: new Date(Date.now() + off) });
    expect(await readMessage(run.api, message.messageId)).toMatchObject({ status: 'DELIVERED', error: null, failedAt: null });
  });

  test.each(['delivered', 'undelivered', 'read'])('of "sent" change nothing after "%s"', async (status) => {
    const message = await sent();
    await report({ ...message, status });
    await daysAgo(message.messageId);
    const { events: _, explanation: __, ...before } = await readMessage(run.api, message.messageId);
    await report({ ...message, status: 'sent', at: new Date(Date.now() - 9 * DAY_MS) });
    const { events, explanation: ___, ...after } = await readMessage(run.api, message.messageId);
    expect(after).toEqual(before);
    expect(events.at(-1)).toMatchObject({ source: 'WEBHOOK', applied: false });
  });
});
