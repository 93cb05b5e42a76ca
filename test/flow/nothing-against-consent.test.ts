import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, inSeconds, messageIn } from '../support/given.js';
import { onBatch, onMessage, RETRY_FAILED, SEND, SEND_BULK, WITHDRAW_CONSENT } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, upload } from '../support/upload.js';

let run: TestApp;
let last = 0;
beforeAll(async () => {
  run = await startTestApp({ MAX_ATTEMPTS: '2', SIMULATOR_SPEED: '50' });
});
afterAll(() => run.stop());

const newNumber = (): string => `+1415555${String(1000 + last++)}`;
const BOTH = { channels: ['SMS'], categories: ['UTILITY', 'MARKETING'] };

async function withdraw(phone: string, input: object = {}): Promise<void> {
  const { withdrawConsent } = await run.api.mutate(WITHDRAW_CONSENT, { input: { contact: { phone }, ...BOTH, ...input } });
  expect(withdrawConsent.userErrors).toEqual([]);
}

/** When the message was claimed, as its events say. The provider knows of no other: of the last it may not have heard yet. */
async function claimsOf(id: string): Promise<Date[]> {
  const rows = await rowsOf<{ at: Date }>(
    run,
    `select at from message_events where message_id = '${id}' and applied and status = 'SENDING'`,
  );
  expect(run.simulator.asked(id)).toBeLessThanOrEqual(rows.length);
  return rows.map(({ at }) => at);
}

const idsTo = async (to: string): Promise<string[]> =>
  (
    await run.api.query('query ($filter: MessageFilter) { messages(filter: $filter, first: 200) { nodes { id } } }', { filter: { to } })
  ).messages.nodes.map(({ id }: any) => id);

/** Each way in which a message comes to a person. */
const WAYS: Record<string, (to: string, category: string) => Promise<unknown>> = {
  send: (to, category) => run.api.mutate(SEND, { input: { to, category, body: 'Hello' } }),
  sendImmediately: (to, category) => run.api.mutate(SEND, { input: { to, category, body: 'Hello', immediate: true } }),
  schedule: (to, category) => run.api.mutate(SEND, { input: { to, category, body: 'Hello', sendAt: inSeconds(0.2) } }),
  bulk: (to, category) =>
    run.api.mutate(SEND_BULK, { input: { name: 'Sale', body: 'Hello', category, recipients: [{ to }, { to: newNumber() }] } }),
  upload: (to, category) => upload(run.api, csv('to', to), { with: { category } }),
};

type Step = { way: keyof typeof WAYS; category: string } | 'withdraw' | 'grant' | 'wait';

/** Times during which nothing may be claimed: from the answer to a withdrawal until a grant is asked for. */
async function play(to: string, steps: readonly Step[]): Promise<[number, number][]> {
  const closed: [number, number][] = [];
  let since: number | null = null;
  for (const step of steps) {
    if (step === 'wait') await new Promise((resolve) => setTimeout(resolve, 150));
    else if (step === 'withdraw') {
      await withdraw(to);
      since ??= Date.now();
    } else if (step === 'grant') {
      if (since !== null) closed.push([since, Date.now()]);
      since = null;
      await given.consent(run.api, to, BOTH);
    } else await WAYS[step.way]?.(to, step.category);
  }
  return since === null ? closed : [...closed, [since, Infinity]];
}

test('whatever is sent by whichever way, nothing is claimed between a withdrawal and the next consent', async () => {
  const way = fc.record({ way: fc.constantFrom(...Object.keys(WAYS)), category: fc.constantFrom('UTILITY', 'MARKETING') });
  const step = fc.oneof({ weight: 5, arbitrary: way }, fc.constantFrom('withdraw' as const, 'grant' as const, 'wait' as const));
  let claimed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      const to = newNumber();
      await given.consent(run.api, to, BOTH);
      const closed = await play(to, steps);
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const id of await idsTo(to))
        for (const at of await claimsOf(id)) {
          claimed++;
          expect(closed.filter(([from, until]) => at.getTime() > from && at.getTime() < until)).toEqual([]);
        }
    }),
    { numRuns: 30 },
  );
  expect(claimed).toBeGreaterThan(20);
}, 120_000);

describe('after a withdrawal nothing goes out', () => {
  const REFUSED = '+15005550004';
  const FAILS = '+15005550012';

  test('by retryMessage, or by retryFailedMessages', async () => {
    const topic = 'replayed';
    const dead = [await given.failed(run.api, { to: REFUSED, topic }), await given.failed(run.api, { to: REFUSED, topic })];
    const asked = dead.map(({ id }) => run.simulator.asked(id));
    await given.contact(run.api, { phone: REFUSED });
    await withdraw(REFUSED);
    await run.api.mutate(onMessage('retryMessage'), { id: dead[0].id });
    await run.api.mutate(RETRY_FAILED, { filter: { topic } });
    for (const { id } of dead) await messageIn(run.api, 'SUPPRESSED', id);
    expect(dead.map(({ id }) => run.simulator.asked(id))).toEqual(asked);
  });

  test('by the retry of an attempt that failed', async () => {
    const waiting = await startTestApp({ RETRY_OUTAGE_SECONDS: '3', MAX_ATTEMPTS: '5' });
    const { id } = await given.message(waiting.api, { to: FAILS });
    await eventually(() => expect(waiting.simulator.asked(id)).toBe(1));
    await given.contact(waiting.api, { phone: FAILS });
    await waiting.api.mutate(WITHDRAW_CONSENT, { input: { contact: { phone: FAILS }, ...BOTH } });
    await messageIn(waiting.api, 'SUPPRESSED', id);
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(waiting.simulator.asked(id)).toBe(1);
    await waiting.stop();
  });

  test('by a fallback to the channel that was left', async () => {
    const to = '+15005550014';
    await given.session(run, [to]);
    const { id } = await given.message(run.api, { to, channels: ['WHATSAPP', 'SMS'], fallbackAfterSeconds: 1 });
    await messageIn(run.api, 'SENT', id);
    await withdraw(to);
    const { fallback } = await eventually(async () => {
      const message = await messageIn(run.api, 'SENT', id);
      expect(message.fallback).not.toBeNull();
      return message;
    });
    await messageIn(run.api, 'SUPPRESSED', fallback.id);
    expect(run.simulator.asked(fallback.id)).toBe(0);
  });

  test('by a batch that was paused, and is resumed', async () => {
    const to = newNumber();
    const { id } = await given.batch(run.api, { recipients: [{ to }], sendAt: inSeconds(0.5) });
    await run.api.mutate(onBatch('pauseBatch'), { id });
    await given.contact(run.api, { phone: to });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await withdraw(to);
    const [messageId = ''] = await idsTo(to);
    await messageIn(run.api, 'SUPPRESSED', messageId);
    await run.api.mutate(onBatch('resumeBatch'), { id });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(run.simulator.asked(messageId)).toBe(0);
  });
});
