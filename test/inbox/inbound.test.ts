import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '../../src/platform/ids.js';
import { CONTACT, people, readContact } from '../support/contacts.js';
import { eventually } from '../support/eventually.js';
import { given, inSeconds, messageIn } from '../support/given.js';
import { hears, inbound, REPLY, writes } from '../support/incoming.js';
import { onMessage, SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestTenant } from '../support/tenants.js';

let run: TestApp;
let last = 0;
const somebody = (): string => `+1415558${String(1000 + ++last)}`;

beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const message = (from: string, body: string, providerMessageId: string) => ({
  provider: 'simulator',
  rawBody: '{}',
  receipts: [],
  receivedAt: new Date(),
  incoming: [{ channel: 'SMS' as const, from, to: '+14155550199', body, mediaUrls: [], providerMessageId }],
});
const count = async (where: string): Promise<number> =>
  (await rowsOf<{ n: number }>(run, `select count(*)::int as n from inbound_messages where ${where}`))[0]?.n ?? -1;

const entriesOf = (page: string): string => `query ($id: ID!) { conversation(id: $id) { entries(${page}) {
  nodes { ... on Message { body } ... on InboundMessage { body } } pageInfo { endCursor } } } }`;

/** For the storm, applied or not. What was applied tells by its id when. */
async function twoMinutesPass(): Promise<void> {
  const made = `lpad(to_hex(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint - 120000), 12, '0')`;
  await rowsOf(
    run,
    `update inbound_messages set received_at = received_at - interval '2 minutes', id = (${made} || substr(replace(id::text, '-', ''), 13))::uuid
     where provider_message_id like 'storm-%'`,
  );
  await rowsOf(
    run,
    `update webhook_journal set received_at = received_at - interval '2 minutes', next_attempt_at = now() - interval '1 second' where state = 'PARKED'`,
  );
}

describe('a message that comes more than once', () => {
  test('is one, however many of it arrive at the same time', async () => {
    const [from, id] = [somebody(), 'twice-1'];
    const { intake } = run.app.core;
    await Promise.all(Array.from({ length: 20 }, () => intake.add(message(from, 'STOP', id))));
    await intake.idle();
    expect(await count(`provider_message_id = '${id}'`)).toBe(1);
    expect(await rowsOf(run, `select state from webhook_journal where provider_message_id = '${id}' and state <> 'APPLIED'`)).toEqual([]);
    const [{ id: inboundId }] = await inbound(run, { first: 1 });
    const sent = await rowsOf(run, `select 1 from messages where reference = 'inbound:${inboundId}'`);
    expect(sent).toHaveLength(1);
  });

  test('is one when two processes apply it at the same time', async () => {
    const [from, id] = [somebody(), 'twice-2'];
    const { inbound: service } = run.app.core.inbox;
    const [incoming] = message(from, 'Hello', id).incoming;
    const entry = { id: newId(), provider: 'simulator', message: incoming!, receivedAt: new Date(), settle: () => Promise.resolve(true) };
    await Promise.all(Array.from({ length: 8 }, () => service.receive(entry)));
    expect(await count(`provider_message_id = '${id}'`)).toBe(1);
    const [conversation] = await rowsOf<{ unread: number }>(
      run,
      `select v.unread_count as unread from conversations v join inbound_messages b on b.conversation_id = v.id where b.provider_message_id = '${id}'`,
    );
    expect(conversation?.unread).toBe(1);
  });

  test('changes nothing long after it was applied', async () => {
    const from = somebody();
    const { intake } = run.app.core;
    await intake.add(message(from, 'STOP', 'replayed'));
    await intake.idle();
    expect(await hears(run, 'START', { from })).toMatchObject({ intent: 'OPT_IN', answer: 'SENT' });
    await intake.add(message(from, 'STOP', 'replayed'));
    await intake.idle();
    await given.delivered(run.api, { to: from });
  });
});

test('a message whose process ended between journal and conversation is applied by the sweep', async () => {
  const from = somebody();
  const { intake } = run.app.core;
  await intake.add(message(from, 'STOP', 'crashed'));
  await intake.idle();
  await rowsOf(run, `delete from inbound_messages where provider_message_id = 'crashed'`);
  await rowsOf(run, `delete from suppressions`);
  await rowsOf(run, `update webhook_journal set state = 'PARKED', next_attempt_at = now() where provider_message_id = 'crashed'`);
  expect(await intake.retryParked()).toBeGreaterThan(0);
  expect(await count(`provider_message_id = 'crashed'`)).toBe(1);
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: from, body: 'Hello' } });
  expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
});

test('a message whose process ended stands in its conversation where it came, and is listed where it was applied', async () => {
  const from = somebody();
  const { intake, inbox } = run.app.core;
  const ended = vi.spyOn(inbox.inbound, 'receive').mockRejectedValueOnce(new Error('the process ended here'));
  await intake.add(message(from, 'Is it at five?', 'late-first'));
  await intake.idle();
  ended.mockRestore();
  const { conversation } = await hears(run, 'If not, cancel it', { from });
  await run.api.mutate(REPLY, { input: { conversationId: conversation.id, body: 'Cancelled' } });
  await rowsOf(run, `update webhook_journal set next_attempt_at = now() where provider_message_id = 'late-first'`);
  await intake.retryParked();
  const whole = ['Is it at five?', 'If not, cancel it', 'Cancelled'];
  const page = async (args: string): Promise<any> => (await run.api.query(entriesOf(args), { id: conversation.id })).conversation.entries;
  const { nodes, pageInfo } = await page('first: 1');
  const { nodes: others } = await page(`first: 2, after: "${pageInfo.endCursor}"`);
  expect([...nodes, ...others].map(({ body }: any) => body)).toEqual(whole);
  expect((await page('last: 3')).nodes.map(({ body }: any) => body)).toEqual(whole);
  expect((await inbound(run, { first: 2 })).map(({ body }) => body)).toEqual(['Is it at five?', 'If not, cancel it']);
});

test('an earlier START that is applied late does not undo the STOP after it', async () => {
  const from = somebody();
  const { inbound: service } = run.app.core.inbox;
  const at = (ms: number, body: string, id: string) => {
    const [incoming] = message(from, body, id).incoming;
    return {
      id: newId(),
      provider: 'simulator',
      message: incoming!,
      receivedAt: new Date(Date.now() + ms),
      settle: () => Promise.resolve(true),
    };
  };
  await service.receive(at(0, 'STOP', 'order-stop'));
  await service.receive(at(-5_000, 'START', 'order-start'));
  const { sendMessage } = await run.api.mutate(SEND, { input: { to: from, body: 'Hello' } });
  expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
});

describe('a message that waits while its address is taken from who wrote it', () => {
  const stopsOf = async (id: string): Promise<string[]> =>
    (await readContact(run.api, id)).consents.filter(({ state }: any) => state === 'WITHDRAWN').map(({ source }: any) => source);
  /** What is applied when `next` has happened. */
  async function waits(body: string, next: (lost: string) => Promise<unknown>) {
    const [kept, lost] = [somebody(), somebody()];
    const ref = { externalId: `moved-${lost}` };
    for (const phone of [kept, lost]) await people.contact(run.api, { ...ref, phone });
    const { contact } = await people.grant(run.api, ref);
    const [incoming] = message(lost, body, `waits-${lost}`).incoming;
    const entry = { id: newId(), provider: 'simulator', message: incoming!, receivedAt: new Date(), settle: () => Promise.resolve(true) };
    await people.removeAddress(run.api, ref, lost);
    await next(lost);
    await run.app.core.inbox.inbound.receive(entry);
    const applied = (await inbound(run)).find(({ providerMessageId }) => providerMessageId === `waits-${lost}`);
    return { contactId: contact.id, applied, lost };
  }
  const refusalOf = async (to: string): Promise<string | undefined> =>
    (await run.api.mutate(SEND, { input: { to, body: 'Hello' } })).sendMessage.userErrors[0]?.code;

  test('is theirs, and a STOP stops them, where nobody has it since', async () => {
    const { contactId, applied, lost } = await waits('STOP', () => Promise.resolve());
    expect(applied).toMatchObject({ intent: 'OPT_OUT', answer: 'NONE', conversation: { contact: { id: contactId } } });
    expect([await stopsOf(contactId), await refusalOf(lost)]).toEqual([['KEYWORD', 'KEYWORD'], 'OPTED_OUT']);
    expect(await rowsOf(run, `select from messages where reference = 'inbound:${applied.id}'`)).toEqual([]);
  });

  test.each([null, 'STOP', 'START'])('is theirs, and nothing of its next owner’s, who has said %s since', async (word) => {
    let owner: any;
    const { contactId, applied, lost } = await waits('STOP', async (phone) => {
      await people.grant(run.api, { id: (await people.contact(run.api, { phone })).id });
      if (word) await hears(run, word, { from: phone });
      owner = (await run.api.query(CONTACT, { ref: { phone } })).contact;
    });
    expect(applied).toMatchObject({ intent: 'OPT_OUT', answer: 'NONE', conversation: { contact: { id: contactId } } });
    expect(await stopsOf(contactId)).toEqual(['KEYWORD', 'KEYWORD']);
    expect(await readContact(run.api, owner.id)).toEqual(owner);
    expect(await refusalOf(lost)).toBe(word === 'START' ? undefined : 'OPTED_OUT');
    expect(await rowsOf(run, `select from messages where reference = 'inbound:${applied.id}'`)).toEqual([]);
  });

  test('does not lift what its next owner has stopped', async () => {
    const { lost } = await waits('START', (from) => hears(run, 'STOP', { from }));
    expect(await refusalOf(lost)).toBe('OPTED_OUT');
  });

  test('is not answered there', async () => {
    const { applied } = await waits('HELP', (phone) => people.contact(run.api, { phone }));
    expect(applied).toMatchObject({ intent: 'HELP', answer: 'NONE' });
    expect(await rowsOf(run, `select from messages where reference = 'inbound:${applied.id}'`)).toEqual([]);
  });
});

describe('of several tenants', () => {
  const heardBy = async ({ admin }: TestTenant, from: string) => (await inbound({ api: admin })).filter((one) => one.from === from);

  test('a message is for the one that last wrote to the number', async () => {
    const from = somebody();
    const [one, two] = [await run.withTenant('first'), await run.withTenant('second')];
    await given.delivered(one.admin, { to: from });
    await given.delivered(two.admin, { to: from });
    await writes(run, 'For the second', { from });
    await eventually(async () => expect(await inbound({ api: two.admin })).toMatchObject([{ body: 'For the second' }]));
    expect(await inbound({ api: one.admin })).toEqual([]);
  });

  test.each(['cancelled', 'scheduled', 'failed'])('a %s message has written to nobody', async (what) => {
    const from = somebody();
    const [one, two] = [await run.withTenant('first'), await run.withTenant('second')];
    await given.delivered(one.admin, { to: from });
    const { id } = await given.scheduled(two.admin, { to: from });
    if (what === 'cancelled') await two.admin.mutate(onMessage('cancelMessage'), { id });
    if (what === 'failed') await rowsOf(run, `update messages set status = 'FAILED', asked_at = now() where id = '${id}'`);
    await writes(run, 'STOP', { from });
    await eventually(async () => expect(await heardBy(one, from)).toMatchObject([{ intent: 'OPT_OUT' }]));
    expect(await heardBy(two, from)).toEqual([]);
  });

  test('what counts is when it went out, not when it was accepted', async () => {
    const from = somebody();
    const [one, two] = [await run.withTenant('first'), await run.withTenant('second')];
    const { id } = await given.message(one.admin, { to: from, sendAt: inSeconds(3) });
    await given.delivered(two.admin, { to: from });
    await messageIn(one.admin, 'DELIVERED', id);
    await writes(run, 'For the first', { from });
    await eventually(async () => expect(await heardBy(one, from)).toMatchObject([{ body: 'For the first' }]));
    expect(await heardBy(two, from)).toEqual([]);
  });

  test('what went out after the answer had come does not count', async () => {
    const from = somebody();
    const [one, two] = [await run.withTenant('first'), await run.withTenant('second')];
    await given.delivered(one.admin, { to: from });
    const [incoming] = message(from, 'Applied late', 'late').incoming;
    const receivedAt = new Date();
    await given.delivered(two.admin, { to: from });
    const entry = { id: newId(), provider: 'simulator', message: incoming!, receivedAt, settle: () => Promise.resolve(true) };
    await run.app.core.inbox.inbound.receive(entry);
    expect(await heardBy(one, from)).toMatchObject([{ body: 'Applied late' }]);
  });

  test('one that nobody has written to is for the first', async () => {
    expect(await hears(run, 'Hello', { from: somebody() })).toMatchObject({ body: 'Hello' });
  });

  test('STOP to one leaves the other', async () => {
    const from = somebody();
    const [one, two] = [await run.withTenant('first'), await run.withTenant('second')];
    await given.delivered(one.admin, { to: from });
    await given.delivered(two.admin, { to: from });
    await writes(run, 'STOP', { from });
    await eventually(async () => expect((await inbound({ api: two.admin }))[0]).toMatchObject({ intent: 'OPT_OUT' }));
    await given.delivered(one.admin, { to: from });
  });
});

describe('the loop guard', () => {
  test('holds answers back from a sender that repeats itself', async () => {
    const from = somebody();
    const answers: string[] = [];
    for (let n = 0; n < 5; n++) answers.push((await hears(run, 'HELP', { from })).answer);
    expect(answers).toEqual(['SENT', 'SENT', 'SENT', 'HELD_BACK', 'HELD_BACK']);
    expect((await inbound(run, { first: 1 }))[0].explanation).toContain('No automatic answer');
  });

  test('holds answers back beyond a few within the hour, and loses no message', async () => {
    const from = somebody();
    const words = ['HELP', 'help', 'info', 'Help me', 'I need help', 'INFO!', 'more info'];
    const answers: string[] = [];
    for (const word of words) answers.push((await hears(run, word, { from })).answer);
    expect(answers.filter((answer) => answer === 'SENT')).toHaveLength(5);
    expect(answers.slice(-2)).toEqual(['HELD_BACK', 'HELD_BACK']);
  });

  test('lets a storm wait in the journal, but a STOP through', async () => {
    const from = somebody();
    const { intake } = run.app.core;
    await Promise.all(Array.from({ length: 70 }, (_, n) => intake.add(message(from, `Message ${n}`, `storm-${n}`))));
    await intake.idle();
    expect(await count(`provider_message_id like 'storm-%'`)).toBe(60);
    await intake.add(message(from, 'STOP', 'storm-stop'));
    await intake.idle();
    expect(await count(`provider_message_id = 'storm-stop' and intent = 'OPT_OUT'`)).toBe(1);
    await twoMinutesPass();
    await intake.retryParked();
    expect(await count(`provider_message_id like 'storm-%'`)).toBe(71);
  });
});
