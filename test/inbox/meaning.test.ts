import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idFloor } from '../../src/platform/ids.js';
import { onConsent, people, readContact } from '../support/contacts.js';
import { given, inSeconds, reached, readMessage } from '../support/given.js';
import { hears, inbound } from '../support/incoming.js';
import { SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const RESOLVE = `mutation ($id: ID!, $optOut: Boolean!) { resolveInboundReview(id: $id, optOut: $optOut) {
  inboundMessage { id intent review reviewNeeded answer } userErrors { code field } } }`;
const ASK = `mutation ($input: RequestOptInInput!) { requestOptIn(input: $input) { userErrors { code message } } }`;

let run: TestApp;
let last = 0;
const somebody = (): string => `+1415559${String(1000 + ++last)}`;

beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const refusalOf = async (to: string, category = 'UTILITY'): Promise<string | undefined> =>
  (await run.api.mutate(SEND, { input: { to, body: 'Hello', category } })).sendMessage.userErrors[0]?.code;

describe('a message that may be an opt-out', () => {
  const unclear = 'I asked you to stop last week!!';

  test('waits for somebody to read it, and stops nothing by itself', async () => {
    const from = somebody();
    const message = await hears(run, unclear, { from });
    expect(message).toMatchObject({ intent: 'OTHER', review: 'NEEDED', reviewNeeded: true, answer: 'NONE' });
    expect(await inbound(run, { reviewNeeded: true, first: 1 })).toMatchObject([{ id: message.id }]);
    expect(await refusalOf(from)).toBeUndefined();
  });

  test('that somebody finds to be one works like STOP, and is in the audit log', async () => {
    const from = somebody();
    const { id } = await hears(run, unclear, { from });
    const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
    expect(resolveInboundReview).toMatchObject({
      inboundMessage: { intent: 'OPT_OUT', review: 'OPT_OUT', answer: 'SENT' },
      userErrors: [],
    });
    expect(await refusalOf(from)).toBe('OPTED_OUT');
    const { auditLog } = await run.api.query('{ auditLog(action: "inbound.reviewed", first: 1) { nodes { subject detail } } }');
    expect(auditLog.nodes).toEqual([{ subject: `inboundMessage:${id}`, detail: { optOut: true } }]);
  });

  test('that was written before START stops nothing when somebody finds it to be one', async () => {
    const from = somebody();
    const { id } = await hears(run, unclear, { from });
    for (const word of ['STOP', 'START']) await hears(run, word, { from });
    const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
    expect(resolveInboundReview).toMatchObject({
      inboundMessage: { review: 'OPT_OUT', reviewNeeded: false, answer: 'NONE' },
      userErrors: [],
    });
    expect(await refusalOf(from)).toBeUndefined();
  });

  describe('from an address that was taken from the person since,', () => {
    const grant = async (contact: object): Promise<any> =>
      (await run.api.mutate(onConsent('grantConsent'), { input: { contact, channels: ['SMS'] } })).grantConsent;
    async function moved(): Promise<Record<'contactId' | 'id' | 'kept' | 'lost', string> & { ref: { externalId: string } }> {
      const [kept, lost] = [somebody(), somebody()];
      const ref = { externalId: `moved-${lost}` };
      for (const phone of [kept, lost]) await people.contact(run.api, { ...ref, phone });
      const { id, conversation } = await hears(run, unclear, { from: lost });
      await people.removeAddress(run.api, ref, lost);
      return { ref, contactId: conversation.contact.id, id, kept, lost };
    }

    test.each(['before', 'after'])('is what only START takes back, also where a caller withdraws %s the decision', async (when) => {
      const { ref, contactId, id, kept } = await moved();
      if (when === 'before') await people.withdraw(run.api, ref);
      expect((await run.api.mutate(RESOLVE, { id, optOut: true })).resolveInboundReview.userErrors).toEqual([]);
      if (when === 'after') await people.withdraw(run.api, ref);
      const before = await readContact(run.api, contactId);
      expect([(await grant(ref)).userErrors, await readContact(run.api, contactId)]).toMatchObject([[{ code: 'OPTED_OUT' }], before]);
      await hears(run, 'START', { from: kept });
      expect((await grant(ref)).userErrors).toEqual([]);
    });

    test('stops nothing but that address where the person has said START since from another one', async () => {
      const { ref, contactId, id, kept, lost } = await moved();
      await people.grant(run.api, ref);
      await hears(run, 'START', { from: kept });
      const waiting = await given.scheduled(run.api, { to: kept });
      const recorded = async (): Promise<unknown> => [await readContact(run.api, contactId), await readMessage(run.api, waiting.id)];
      const before = await recorded();
      const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
      expect(resolveInboundReview).toMatchObject({ inboundMessage: { review: 'OPT_OUT' }, userErrors: [] });
      expect(await recorded()).toEqual(before);
      expect([await refusalOf(kept), await refusalOf(lost)]).toEqual([undefined, 'OPTED_OUT']);
      await people.withdraw(run.api, ref);
      expect((await grant(ref)).userErrors).toEqual([]);
    });

    test.each([
      ['STOP', 'OPT_OUT'],
      ['START', 'OPT_IN'],
      ['YES', 'OPT_IN'],
    ])('is theirs where its next owner has said %s since, for whom nothing changes', async (word, intent) => {
      const { ref, contactId, id, kept, lost } = await moved();
      await people.grant(run.api, ref);
      const waiting = await given.scheduled(run.api, { to: kept, category: 'UTILITY' });
      const owner = await people.contact(run.api, { phone: lost });
      await run.api.mutate(ASK, { input: { contact: { id: owner.id }, channel: 'SMS', categories: ['MARKETING'], statement: 'Offers?' } });
      await reached(run.api, owner.id);
      expect(await hears(run, word, { from: lost })).toMatchObject({ intent });
      const recorded = async (): Promise<unknown> => [await readContact(run.api, owner.id), await refusalOf(lost)];
      const before = await recorded();
      const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
      expect(resolveInboundReview).toMatchObject({ inboundMessage: { review: 'OPT_OUT', answer: 'NONE' }, userErrors: [] });
      expect(await recorded()).toEqual(before);
      const { consents } = await readContact(run.api, contactId);
      expect(consents.map(({ state }: any) => state)).toEqual(['WITHDRAWN', 'WITHDRAWN']);
      expect(await readMessage(run.api, waiting.id)).toMatchObject({ status: 'SUPPRESSED' });
      expect((await grant(ref)).userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
    });

    test.each(['nobody', 'somebody else'])('is not confirmed there where %s has it by then', async (next) => {
      const { id, lost } = await moved();
      if (next === 'somebody else') await people.contact(run.api, { phone: lost });
      const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
      expect(resolveInboundReview).toMatchObject({ inboundMessage: { review: 'OPT_OUT', answer: 'NONE' }, userErrors: [] });
      expect(await rowsOf(run, `select from messages where reference = 'inbound:${id}'`)).toEqual([]);
    });

    test('is confirmed where they have it again', async () => {
      const { ref, id, lost } = await moved();
      await people.contact(run.api, { ...ref, phone: lost });
      const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
      expect(resolveInboundReview).toMatchObject({ inboundMessage: { answer: 'SENT' }, userErrors: [] });
    });
  });

  test('is confirmed whatever was answered, or said again, between it and the decision', async () => {
    const from = somebody();
    const { id } = await hears(run, unclear, { from });
    for (const word of ['HELP', 'help', 'info', 'Help me', 'more info', unclear, unclear, unclear]) await hears(run, word, { from });
    const answered = (await inbound(run, { first: 8 })).filter(({ answer }) => answer === 'SENT');
    expect(answered).toHaveLength(5);
    for (const [n, one] of answered.entries()) {
      const at = new Date(Date.now() - (n + 2) * 3_600_000);
      await rowsOf(run, `update inbound_messages set id = '${idFloor(at)}', received_at = '${at.toISOString()}' where id = '${one.id}'`);
    }
    await rowsOf(run, `update inbound_messages set received_at = received_at - interval '2 days' where id = '${id}'`);
    const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id, optOut: true });
    expect(resolveInboundReview).toMatchObject({ inboundMessage: { answer: 'SENT' }, userErrors: [] });
  });

  test('that somebody finds to be none leaves the list, and can be decided once', async () => {
    const from = somebody();
    const { id } = await hears(run, unclear, { from });
    expect((await run.api.mutate(RESOLVE, { id, optOut: false })).resolveInboundReview.inboundMessage).toMatchObject({
      reviewNeeded: false,
    });
    expect((await run.api.mutate(RESOLVE, { id, optOut: true })).resolveInboundReview.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect(await refusalOf(from)).toBeUndefined();
  });

  test('that is not there cannot be decided', async () => {
    const { resolveInboundReview } = await run.api.mutate(RESOLVE, { id: 'nothing', optOut: true });
    expect(resolveInboundReview.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }]);
  });
});

describe('YES', () => {
  test.each(['YES', 'نعم', 'हाँ', 'sí', 'oui'])('in the words %s agrees to what was asked', async (word) => {
    const from = somebody();
    const { id } = await given.contact(run.api, { phone: from });
    const input = { contact: { id }, channel: 'SMS', categories: ['MARKETING'], statement: 'Offers once a month.' };
    expect((await run.api.mutate(ASK, { input })).requestOptIn.userErrors).toEqual([]);
    await reached(run.api, id);
    expect(await refusalOf(from, 'MARKETING')).toBe('CONSENT_REQUIRED');
    expect(await hears(run, word, { from })).toMatchObject({ intent: 'OPT_IN', answer: 'SENT' });
    expect(await refusalOf(from, 'MARKETING')).toBeUndefined();
  });

  test('where nothing was asked is somebody’s to read', async () => {
    expect(await hears(run, 'yes', { from: somebody() })).toMatchObject({ intent: 'CONFIRM', answer: 'NONE' });
  });
});

describe('while an appointment waits for its answer', () => {
  const ask = async (address: string): Promise<string> => {
    const [tenant] = await rowsOf<{ id: string }>(run, `select id from tenants where slug = 'demo'`);
    const { windows } = run.app.core.inbox;
    const [opensAt, closesAt] = [new Date(), new Date(inSeconds(3600))];
    return windows.open(run.app.core.db.sql, {
      tenantId: tenant?.id ?? '',
      address,
      channel: 'SMS',
      subject: 'appointment:1',
      opensAt,
      closesAt,
    });
  };
  const answered = (id: string): Promise<{ answered: boolean }[]> =>
    rowsOf(run, `select answered_at is not null as answered from answer_windows where id = '${id}'`);

  test('CANCEL means the appointment, and is no opt-out', async () => {
    const from = somebody();
    const question = await ask(from);
    expect(await hears(run, 'CANCEL', { from })).toMatchObject({ intent: 'CANCEL', providerBlocked: false, answer: 'NONE' });
    expect(await answered(question)).toEqual([{ answered: true }]);
    expect(await refusalOf(from)).toBeUndefined();
  });

  test('YES confirms it, and once', async () => {
    const from = somebody();
    const question = await ask(from);
    expect(await hears(run, 'نعم', { from })).toMatchObject({ intent: 'CONFIRM' });
    expect(await answered(question)).toEqual([{ answered: true }]);
    expect(await hears(run, 'CANCEL', { from })).toMatchObject({ intent: 'OPT_OUT' });
  });

  test('STOP is an opt-out all the same, and leaves the question open', async () => {
    const from = somebody();
    const question = await ask(from);
    expect(await hears(run, 'STOP', { from })).toMatchObject({ intent: 'OPT_OUT' });
    expect(await answered(question)).toEqual([{ answered: false }]);
  });

  test('a CANCEL that the provider took for an opt-out is told to the operator, and START mends it', async () => {
    const from = somebody();
    await ask(from);
    const message = await hears(run, 'CANCEL', { from, optOutType: 'STOP' });
    expect(message).toMatchObject({ intent: 'CANCEL', providerBlocked: true, explanation: expect.stringContaining('START or UNSTOP') });
    expect(await rowsOf(run, `select to_state from consent_events where contact_id = '${message.conversation.contact.id}'`)).toEqual([]);
    expect(await refusalOf(from)).toBe('OPTED_OUT');
    expect(await hears(run, 'START', { from, optOutType: 'START' })).toMatchObject({ intent: 'OPT_IN', answer: 'BY_PROVIDER' });
    expect(await refusalOf(from)).toBeUndefined();
  });
});
