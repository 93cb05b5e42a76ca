import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { receipt } from '../support/builders.js';
import { people, readContact } from '../support/contacts.js';
import { eventually } from '../support/eventually.js';
import { given, messageIn, readMessage } from '../support/given.js';
import { hears } from '../support/incoming.js';
import { SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Refused at once, because the person has opted out with the provider. */
const OPTED_OUT = '+15005550002';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());
beforeEach(async () => {
  // Each test is of somebody who has not objected yet.
  for (const table of ['suppressions', 'consents']) await rowsOf(run, `delete from ${table}`);
});

const statusOf = async (id: string): Promise<string> => (await readMessage(run.api, id)).status;
const suppressions = () => rowsOf(run, 'select channel, category, source from suppressions');

/** A failed delivery of its first call, as webhooks tell it: each time the same. */
const reportOptOut = ({ id, providerMessageId }: { id: string; providerMessageId: string }): Promise<void> => {
  const error = { kind: 'OPTED_OUT' as const, retryable: false, code: '21610', message: 'The person has opted out.' };
  const receipts = [receipt({ messageId: id, providerMessageId, status: 'FAILED', error })];
  return run.app.core.intake.add({ provider: 'simulator', rawBody: '{}', receipts, incoming: [], receivedAt: new Date() });
};

describe('an opt-out that the provider reports', () => {
  test('stops what waits for the person on that channel, and every later send', async () => {
    const waiting = [
      await given.scheduled(run.api, { to: OPTED_OUT }),
      await given.scheduled(run.api, { to: OPTED_OUT, category: 'SERVICE' }),
    ];
    const other = await given.scheduled(run.api);
    await given.session(run, [OPTED_OUT]);
    const elsewhere = await given.scheduled(run.api, { to: OPTED_OUT, channels: ['WHATSAPP'] });
    const failed = await given.failed(run.api, { to: OPTED_OUT });
    expect(failed.error).toMatchObject({ kind: 'OPTED_OUT' });
    expect(await suppressions()).toEqual([{ channel: 'SMS', category: '*', source: 'PROVIDER' }]);
    for (const { id } of waiting) {
      const { status, events, explanation } = await readMessage(run.api, id);
      expect([status, events.at(-1).source, explanation.summary]).toEqual(['SUPPRESSED', 'WORKER', expect.stringContaining('objected')]);
    }
    expect([await statusOf(other.id), await statusOf(elsewhere.id)]).toEqual(['SCHEDULED', 'SCHEDULED']);
    const { sendMessage } = await run.api.mutate(SEND, { input: { to: OPTED_OUT, body: 'Again', category: 'SERVICE' } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT', message: expect.stringContaining('provider') }]);
  });

  test('withdraws the consents of whoever is known by the address, with an event in their history', async () => {
    const { id } = await given.consent(run.api, OPTED_OUT);
    await given.failed(run.api, { to: OPTED_OUT, category: 'MARKETING' });
    const { contact } = await run.api.query(
      'query ($id: ID!) { contact(ref: { id: $id }) { consents { channel category state source } consentHistory { to source verified } } }',
      { id },
    );
    const withdrawn = { channel: 'SMS', state: 'WITHDRAWN', source: 'PROVIDER' };
    expect(contact.consents).toEqual(
      expect.arrayContaining([
        { ...withdrawn, category: 'MARKETING' },
        { ...withdrawn, category: 'UTILITY' },
      ]),
    );
    expect(contact.consentHistory.at(-1)).toEqual({ to: 'WITHDRAWN', source: 'PROVIDER', verified: true });
  });

  test('takes back what needs the consent for the other numbers of the person too, and leaves the rest', async () => {
    const other = '+14155557301';
    for (const phone of [OPTED_OUT, other]) await given.contact(run.api, { phone, externalId: 'two-numbers' });
    await given.consent(run.api, other);
    await rowsOf(run, `update consents set state = 'GRANTED'`);
    const waiting = [];
    for (const category of ['MARKETING', 'UTILITY', 'SERVICE']) waiting.push(await given.scheduled(run.api, { to: other, category }));
    await given.failed(run.api, { to: OPTED_OUT, category: 'MARKETING' });
    const statuses = await Promise.all(waiting.map(({ id }) => statusOf(id)));
    expect(statuses).toEqual(['SUPPRESSED', 'SUPPRESSED', 'SCHEDULED']);
  });

  test.each(['nobody', 'somebody else'])('is of whom the message went to, also where %s has the address since', async (next) => {
    const [kept, lost, externalId] = ['+14155557302', '+15005550014', `moved-${next}`];
    const { id } = await people.contact(run.api, { externalId, phone: lost });
    await people.contact(run.api, { externalId, phone: kept });
    await people.grant(run.api, { id });
    const waiting = await given.scheduled(run.api, { to: kept });
    const sent = await given.sent(run.api, { to: lost });
    await people.removeAddress(run.api, { id }, lost);
    const owner = next === 'nobody' ? null : await people.contact(run.api, { externalId: 'next', phone: lost });
    await reportOptOut(sent);
    expect((await readContact(run.api, id)).consents).toContainEqual(expect.objectContaining({ state: 'WITHDRAWN', source: 'PROVIDER' }));
    expect([await statusOf(waiting.id), await suppressions()]).toEqual([
      'SUPPRESSED',
      [{ channel: 'SMS', category: '*', source: 'PROVIDER' }],
    ]);
    expect(owner && (await readContact(run.api, owner.id))).toEqual(owner);
    await people.removeAddress(run.api, { id }, kept);
  });

  test('is told to those who follow the messages', async () => {
    await rowsOf(run, `update consents set state = 'GRANTED'`);
    const waiting = await given.scheduled(run.api, { to: OPTED_OUT });
    const changes = run.api.subscribe('subscription ($ids: [ID!]) { messageStatusChanged(messageIds: $ids) { status source } }', {
      ids: [waiting.id],
    });
    await changes.connected;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await given.failed(run.api, { to: OPTED_OUT });
    expect(await changes.next()).toEqual({ messageStatusChanged: { status: 'SUPPRESSED', source: 'WORKER' } });
    await changes.close();
  });

  test('keeps a retry of the dead letter from going out', async () => {
    await rowsOf(run, `update consents set state = 'GRANTED'`);
    const { id } = await given.failed(run.api, { to: OPTED_OUT });
    await run.api.mutate('mutation ($id: ID!) { retryMessage(id: $id) { userErrors { code } } }', { id });
    await messageIn(run.api, 'SUPPRESSED', id);
    await eventually(() => expect(run.simulator.asked(id)).toBe(1));
  });

  test('is not said again by its repeated report once the person has said START, also after a retry', async () => {
    await rowsOf(run, `update consents set state = 'GRANTED'`);
    const to = '+15005550014';
    const sent = await given.sent(run.api, { to });
    await reportOptOut(sent);
    expect(await suppressions()).toEqual([{ channel: 'SMS', category: '*', source: 'PROVIDER' }]);
    await hears(run, 'START', { from: to });
    const waiting = await given.scheduled(run.api, { to });
    await reportOptOut(sent);
    await run.api.mutate('mutation ($id: ID!) { retryMessage(id: $id) { userErrors { code } } }', { id: sent.id });
    await messageIn(run.api, 'SENT', sent.id);
    await reportOptOut(sent);
    expect([await suppressions(), await statusOf(waiting.id), await statusOf(sent.id)]).toEqual([[], 'SCHEDULED', 'SENT']);
  });

  test.each(['CANCELLED', 'EXPIRED', 'DELIVERED'])(
    'counts also where it comes too late to move its message (%s), and only once',
    async (status) => {
      const sent = await given.sent(run.api);
      await rowsOf(run, `update messages set status = '${status}' where id = '${sent.id}'`);
      await reportOptOut(sent);
      expect([await suppressions(), await statusOf(sent.id)]).toEqual([[{ channel: 'SMS', category: '*', source: 'PROVIDER' }], status]);
      await hears(run, 'START', { from: '+15005550014' });
      const waiting = await given.scheduled(run.api, { to: '+15005550014' });
      await reportOptOut(sent);
      expect([await suppressions(), await statusOf(waiting.id)]).toEqual([[], 'SCHEDULED']);
    },
  );
});
