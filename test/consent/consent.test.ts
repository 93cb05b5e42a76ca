import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given } from '../support/given.js';
import { onConsent, people, readContact } from '../support/contacts.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { numberOf } from '../support/upload.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());

let used = 0;
const person = (): Promise<any> => people.contact(run.api, { phone: numberOf(used++) });
const statesOf = (consents: any[]): string[] => consents.map(({ channel, category, state }) => `${channel} ${category} ${state}`);
const events = async (id: string): Promise<any[]> => (await readContact(run.api, id)).consentHistory;
const refuse = async (operation: string, input: object): Promise<unknown> =>
  (await run.api.mutate(onConsent(operation), { input }))[operation].userErrors.map(({ code, field }: any) => [code, ...field]);
const suppressed = async (source: string): Promise<string[]> =>
  (await rowsOf<{ category: string }>(run, `select category from suppressions where source = '${source}'`)).map(({ category }) => category);

describe('grantConsent', () => {
  test('records what was agreed for every channel and category, with what proves it', async () => {
    const { id } = await person();
    const proof = { statement: 'I agree to get news.', evidence: { form: 'f-17' }, source: 'PAPER' };
    const granted = await people.grant(run.api, { id }, { channels: ['SMS', 'WHATSAPP'], categories: ['UTILITY', 'MARKETING'], ...proof });
    expect(statesOf(granted.consents)).toEqual([
      'SMS MARKETING GRANTED',
      'SMS UTILITY GRANTED',
      'WHATSAPP MARKETING GRANTED',
      'WHATSAPP UTILITY GRANTED',
    ]);
    expect(granted.consents[0]).toMatchObject({ source: 'PAPER', statement: 'I agree to get news.', expiresAt: null });
    const history = await events(id);
    expect(history).toHaveLength(4);
    expect(history[0]).toMatchObject({ from: 'NONE', to: 'GRANTED', ...proof, actor: 'First key', ip: '127.0.0.1', verified: true });
  });

  test('is nothing once it has expired', async () => {
    const { id } = await person();
    await people.grant(run.api, { id }, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await rowsOf(run, `update consents set expires_at = now() - interval '1 second' where contact_id = '${id}'`);
    expect(statesOf((await readContact(run.api, id)).consents)).toEqual(['SMS UTILITY NONE']);
    await people.grant(run.api, { id });
    expect((await events(id)).at(-1)).toMatchObject({ from: 'NONE', to: 'GRANTED' });
  });

  test('said again changes nothing; said otherwise is another event', async () => {
    const { id } = await person();
    for (const statement of ['A', 'A', 'B']) await people.grant(run.api, { id }, { statement, evidence: { form: 1, at: { page: '/x' } } });
    expect((await events(id)).map(({ statement }) => statement)).toEqual(['A', 'B']);
  });

  test.each<[object, unknown[]]>([
    [{ channels: [] }, [['INVALID_INPUT', 'channels']]],
    [{ categories: [] }, [['INVALID_INPUT', 'categories']]],
    [{ statement: 'x'.repeat(2001) }, [['INVALID_INPUT', 'statement']]],
    [{ evidence: { a: 'x'.repeat(10_000) } }, [['INVALID_INPUT', 'evidence']]],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, [['INVALID_INPUT', 'expiresAt']]],
    [{ source: 'KEYWORD' }, [['INVALID_INPUT', 'source']]],
    [{ contact: { externalId: 'nobody' } }, [['NOT_FOUND', 'contact']]],
    [{ contact: {} }, [['INVALID_INPUT', 'contact']]],
    [{ contact: { phone: '12' } }, [['INVALID_PHONE_NUMBER', 'contact', 'phone']]],
  ])('refuses %o, and records nothing', async (input, expected) => {
    const { id } = await person();
    expect(await refuse('grantConsent', { contact: { id }, channels: ['SMS'], ...input })).toEqual(expected);
    expect(await events(id)).toEqual([]);
  });
});

describe('withdrawConsent', () => {
  test('takes back what waits for any address of the person, of that channel and category only', async () => {
    const [phone, other] = [numberOf(used++), numberOf(used++)];
    await people.contact(run.api, { externalId: 'W-1', phone });
    await people.contact(run.api, { externalId: 'W-1', phone: other });
    await people.grant(run.api, { externalId: 'W-1' }, { categories: ['UTILITY', 'MARKETING'] });
    const waiting = [
      await given.scheduled(run.api, { to: phone }),
      await given.scheduled(run.api, { to: other }),
      await given.scheduled(run.api, { to: phone, category: 'MARKETING' }),
    ];
    await people.withdraw(run.api, { externalId: 'W-1' });
    const rows = await rowsOf<{ status: string }>(
      run,
      `select status from messages where id in (${waiting.map(({ id }) => `'${id}'`).join()}) order by id`,
    );
    expect(rows.map(({ status }) => status)).toEqual(['SUPPRESSED', 'SUPPRESSED', 'SCHEDULED']);
  });

  test('holds for the addresses when nothing else is known of the person, until it is granted again', async () => {
    const { id } = await person();
    await people.withdraw(run.api, { id }, { source: 'VERBAL' });
    await people.withdraw(run.api, { id });
    expect(await suppressed('VERBAL')).toEqual(['UTILITY']);
    expect((await events(id)).map(({ from, to }) => [from, to])).toEqual([['NONE', 'WITHDRAWN']]);
    await people.grant(run.api, { id });
    expect(await suppressed('VERBAL')).toEqual([]);
  });

  test('is what remains of fifty changes at once, in one whole chain', async () => {
    const { id } = await person();
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? people.withdraw : people.grant)(run.api, { id }, { statement: `change ${n}` })),
    );
    await people.withdraw(run.api, { id });
    const { consents, consentHistory } = await readContact(run.api, id);
    expect(statesOf(consents)).toEqual(['SMS UTILITY WITHDRAWN']);
    expect(consentHistory.every(({ verified }: any) => verified)).toBe(true);
    const sequences = await rowsOf<{ sequence: number }>(run, `select sequence from consent_events where contact_id = '${id}' order by 1`);
    expect(sequences.map(({ sequence }) => sequence)).toEqual(consentHistory.map((_: unknown, n: number) => n + 1));
    expect(sequences.length).toBeGreaterThan(25);
  });
});

describe('roles', () => {
  test('a VIEWER sees neither words nor proof, a SENDER may not say what people agree to', async () => {
    const { admin, viewer, sender } = await run.withTenant('roles');
    const { id } = await people.contact(admin, { phone: numberOf(used++) });
    await people.grant(admin, { id }, { statement: 'Words', evidence: { a: 1 } });
    const { consents, consentHistory } = await readContact(viewer, id);
    expect(consents[0].statement).toBe('•••');
    expect(consentHistory[0]).toMatchObject({ statement: '•••', evidence: null, ip: '•••', to: 'GRANTED', verified: true });
    for (const api of [viewer, sender])
      expect(await api.execute(onConsent('grantConsent'), { input: { contact: { id }, channels: ['SMS'] } })).toMatchObject({
        code: 'FORBIDDEN',
      });
  });
});
