import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, readMessage } from '../support/given.js';
import { CONFIRM_OPT_IN, onConsent, people, readContact, REQUEST_OPT_IN } from '../support/contacts.js';
import { erase } from '../support/known-person.js';
import { SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

let run: TestApp;
let tenantId: string;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  tenantId = (await run.api.query('{ viewer { tenant { id } } }')).viewer.tenant.id;
});
afterAll(() => run.stop());

const QUESTION = { channel: 'SMS', categories: ['UTILITY'], statement: 'May we remind you?' };

let used = 0;
const person = (): Promise<any> => people.contact(run.api, { phone: numberOf(used++) });
const word = ({ id, phone }: any, source: 'KEYWORD' | 'PROVIDER' = 'KEYWORD') => ({
  tenantId,
  contactId: id,
  address: phone,
  channel: 'SMS' as const,
  source,
  at: new Date(),
  evidence: { text: 'STOP' },
});
const { stop, start } = {
  stop: async (...of: Parameters<typeof word>) => {
    const { consents } = run.app.core.people;
    (await run.app.core.db.transaction((tx) => consents.stop(tx, word(...of))))();
  },
  start: (...of: Parameters<typeof word>) => run.app.core.db.transaction((tx) => run.app.core.people.consents.start(tx, word(...of))),
};
const statesOf = async ({ id }: any): Promise<string[]> =>
  (await readContact(run.api, id)).consents.map(({ channel, category, state }: any) => `${channel} ${category} ${state}`);
const suppressions = (): Promise<object[]> => rowsOf(run, 'select channel, category, source from suppressions order by at');

describe('STOP', () => {
  test('ends everything on its channel, and takes back what waits there', async () => {
    const contact = await person();
    await people.grant(run.api, { id: contact.id }, { channels: ['SMS', 'WHATSAPP'] });
    const message = await given.scheduled(run.api, { to: contact.phone, category: 'AUTHENTICATION' });
    await stop(contact);
    expect(await statesOf(contact)).toEqual(['SMS MARKETING WITHDRAWN', 'SMS UTILITY WITHDRAWN', 'WHATSAPP UTILITY GRANTED']);
    expect((await suppressions()).at(-1)).toEqual({ channel: 'SMS', category: '*', source: 'KEYWORD' });
    expect(await rowsOf(run, `select status from messages where id = '${message.id}'`)).toEqual([{ status: 'SUPPRESSED' }]);
    expect((await readContact(run.api, contact.id)).consentHistory.at(-1)).toMatchObject({
      source: 'KEYWORD',
      actor: null,
      evidence: { text: 'STOP' },
    });
  });

  test('takes back what needs the consent for the other numbers of the person too, and leaves the rest', async () => {
    const { id, phone } = await person();
    await people.contact(run.api, { phone, externalId: 'two-numbers' });
    const { phone: other } = await people.contact(run.api, { externalId: 'two-numbers', phone: numberOf(used++) });
    await people.grant(run.api, { id }, { channels: ['SMS', 'WHATSAPP'], categories: ['MARKETING'] });
    const { token } = (await run.api.mutate(REQUEST_OPT_IN, { input: { ...QUESTION, contact: { id } } })).requestOptIn;
    const waiting = [];
    for (const category of ['MARKETING', 'UTILITY', 'SERVICE', 'AUTHENTICATION'])
      waiting.push(await given.scheduled(run.api, { to: other, category }));
    await stop({ id, phone });
    const statuses = await Promise.all(waiting.map(async (message) => (await readMessage(run.api, message.id)).status));
    expect(statuses).toEqual(['SUPPRESSED', 'SUPPRESSED', 'SCHEDULED', 'SCHEDULED']);
    const { confirmOptIn } = await run.api.mutate(CONFIRM_OPT_IN, { input: { token } });
    expect(confirmOptIn.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const { sendMessage } = await run.api.mutate(SEND, { input: { to: other, body: 'Your code is 1', category: 'AUTHENTICATION' } });
    expect(sendMessage.userErrors).toEqual([]);
  });

  test('of somebody unknown is kept for the address', async () => {
    const address = numberOf(used++);
    await stop({ id: null, phone: address });
    expect((await suppressions()).at(-1)).toEqual({ channel: 'SMS', category: '*', source: 'KEYWORD' });
  });
});

describe('START', () => {
  test('takes back what STOP set, to the day on which a grant would have ended', async () => {
    const contact = await person();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await people.grant(run.api, { id: contact.id }, { expiresAt });
    await stop(contact);
    expect(await start(contact)).toBe(true);
    expect(await statesOf(contact)).toEqual(['SMS MARKETING NONE', 'SMS UTILITY GRANTED']);
    const { consents, consentHistory } = await readContact(run.api, contact.id);
    expect(consents[1].expiresAt).toBe(expiresAt);
    expect(consentHistory.every(({ verified }: any) => verified)).toBe(true);
    expect(await start(contact)).toBe(false);
  });

  test.each(['before', 'after'])('does not take back what was withdrawn otherwise %s the STOP', async (when) => {
    const contact = await person();
    await people.grant(run.api, { id: contact.id });
    if (when === 'before') await people.withdraw(run.api, { id: contact.id });
    await stop(contact);
    if (when === 'after') await people.withdraw(run.api, { id: contact.id });
    await start(contact);
    expect(await statesOf(contact)).toEqual(['SMS MARKETING NONE', 'SMS UTILITY WITHDRAWN']);
    expect((await suppressions()).at(-1)).toEqual({ channel: 'SMS', category: 'UTILITY', source: 'API' });
  });

  test('does not take back what was withdrawn otherwise for somebody who turned out to be the same', async () => {
    const [contact, email] = [await person(), `same${used}@example.org`];
    await people.grant(run.api, { id: contact.id });
    await stop(contact);
    const other = await people.contact(run.api, { email });
    await people.withdraw(run.api, { id: other.id }, { channels: ['SMS'] });
    const { id } = await people.contact(run.api, { phone: contact.phone, email });
    await start({ ...contact, id });
    expect(await statesOf({ id })).toEqual(['SMS MARKETING NONE', 'SMS UTILITY WITHDRAWN']);
  });

  test('gives back the grant that STOP had ended, not that of somebody who turned out to be the same', async () => {
    const [contact, email] = [await person(), `same${used}@example.org`];
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await people.grant(run.api, { id: contact.id }, { expiresAt });
    const other = await people.contact(run.api, { email });
    await people.grant(run.api, { id: other.id }, { channels: ['SMS'] });
    const { id } = await people.contact(run.api, { phone: contact.phone, email });
    await stop({ ...contact, id });
    await start({ ...contact, id });
    const { consents } = await readContact(run.api, id);
    expect(consents.map((consent: any) => `${consent.category} ${consent.expiresAt}`)).toContain(`UTILITY ${expiresAt}`);
  });

  test('takes back what the provider reported', async () => {
    const contact = await person();
    await stop(contact, 'PROVIDER');
    expect(await start(contact)).toBe(true);
    expect(await suppressions()).not.toContainEqual({ channel: 'SMS', category: '*', source: 'PROVIDER' });
  });

  describe('is what a grant by a caller cannot stand in for', () => {
    const grant = async (contact: object, input: object = {}): Promise<any> =>
      (await run.api.mutate(onConsent('grantConsent'), { input: { contact, channels: ['SMS'], ...input } })).grantConsent;
    const REFUSED = [{ code: 'OPTED_OUT', message: expect.stringContaining('START'), field: ['channels'] }];
    const recorded = async ({ id }: any): Promise<unknown> => [await readContact(run.api, id), await suppressions()];

    test.each(['KEYWORD', 'PROVIDER'] as const)('%s', async (source) => {
      const contact = await person();
      await stop(contact, source);
      const before = await recorded(contact);
      const { userErrors } = await grant({ id: contact.id }, { channels: ['WHATSAPP', 'SMS'] });
      expect([userErrors, await recorded(contact)]).toEqual([REFUSED, before]);
    });

    test.each(['known', 'new'])('for a %s address of the person either', async (which) => {
      const [contact, externalId] = [await person(), `other-${which}`];
      const other = { externalId, phone: numberOf(used++) };
      await people.contact(run.api, { phone: contact.phone, externalId });
      if (which === 'known') await people.contact(run.api, other);
      await stop(contact);
      if (which === 'new') await people.contact(run.api, other);
      expect((await grant({ externalId }, { categories: ['MARKETING'] })).userErrors).toEqual(REFUSED);
      const { sendMessage } = await run.api.mutate(SEND, { input: { to: other.phone, body: 'Offer', category: 'MARKETING' } });
      expect(sendMessage).toMatchObject({ message: null, userErrors: [{ code: 'OPTED_OUT' }] });
    });

    test.each(['before', 'after'])('where a caller has withdrawn it %s the STOP either', async (when) => {
      const contact = await person();
      if (when === 'before') await people.withdraw(run.api, { id: contact.id });
      await stop(contact);
      if (when === 'after') await people.withdraw(run.api, { id: contact.id });
      const before = await recorded(contact);
      expect([(await grant({ id: contact.id })).userErrors, await recorded(contact)]).toEqual([REFUSED, before]);
      await start(contact);
      expect((await grant({ id: contact.id })).userErrors).toEqual([]);
    });

    test('once the address that it came from is taken from the person either', async () => {
      const contact = await person();
      await people.contact(run.api, { phone: contact.phone, externalId: 'moved' });
      await stop(contact);
      await people.removeAddress(run.api, { id: contact.id }, contact.phone);
      expect((await grant({ id: contact.id })).userErrors).toEqual(REFUSED);
    });

    describe('where a caller has withdrawn it too, and the address that it came from is taken from the person,', () => {
      const withdraws = ({ id }: any): Promise<unknown> => people.withdraw(run.api, { id }, { channels: ['SMS'] });
      const HIDDEN: Record<string, (contact: any, says: () => Promise<void>) => Promise<unknown>> = {
        before: (contact, says) => withdraws(contact).then(says),
        after: (contact, says) => says().then(() => withdraws(contact)),
        'for somebody who turned out to be the same': async ({ email }, says) => {
          await says();
          const externalId = `same-${email}`;
          await withdraws(await people.contact(run.api, { externalId }));
          await people.contact(run.api, { externalId, email });
        },
      };
      /** Somebody whose STOP came from a number that they have no longer. */
      const moved = async (when: string): Promise<any> => {
        const [contact, email] = [await person(), `moved${used}@example.org`];
        const { id } = await people.contact(run.api, { phone: contact.phone, email });
        const kept = (await people.contact(run.api, { email, phone: numberOf(used++) })).phone;
        await HIDDEN[when]?.({ id, email }, async () => {
          await stop(contact);
          await people.removeAddress(run.api, { id }, contact.phone);
        });
        return { ref: { email }, id: (await people.contact(run.api, { email })).id, kept, lost: contact.phone };
      };

      test.each(Object.keys(HIDDEN))('%s', async (when) => {
        const { ref, id, kept } = await moved(when);
        const before = await recorded({ id });
        expect([(await grant(ref)).userErrors, await recorded({ id })]).toEqual([REFUSED, before]);
        expect(await start({ id, phone: kept })).toBe(true);
        expect((await grant(ref)).userErrors).toEqual([]);
      });

      test.each(['START', 'erasure'])('nor does the %s of who has it then take it back', async (what) => {
        const { ref, lost } = await moved('after');
        const owner = await people.contact(run.api, { phone: lost });
        await (what === 'START' ? start(owner) : erase(run.api, { id: owner.id }));
        expect((await grant(ref)).userErrors).toEqual(REFUSED);
      });

      test.each([
        ['has not said it', [], false],
        ['repeats it', ['STOP'], true],
        ['repeats it and takes it back', ['STOP', 'START'], false],
      ])('but not for who has it next, %s, and from whom it is taken too', async (_what, words, isRefused) => {
        const { lost } = await moved('after');
        const { id } = await people.contact(run.api, { phone: lost });
        await people.contact(run.api, { phone: lost, externalId: `next-${id}` });
        await withdraws({ id });
        for (const said of words) await (said === 'STOP' ? stop : start)({ id, phone: lost });
        await people.removeAddress(run.api, { id }, lost);
        expect((await grant({ id })).userErrors).toEqual(isRefused ? REFUSED : []);
      });

      test('which a START on another channel does not take back', async () => {
        const { ref, id, kept } = await moved('after');
        const { consents } = run.app.core.people;
        await run.app.core.db.transaction((tx) => consents.start(tx, { ...word({ id, phone: kept }), channel: 'WHATSAPP' }));
        expect((await grant(ref)).userErrors).toEqual(REFUSED);
      });
    });
  });
});
