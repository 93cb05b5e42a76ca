import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { Refusal } from '../../src/errors.js';
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

const unlessRefused = (error: unknown): void => {
  if (!(error instanceof Refusal)) throw error;
};

type Word = 'grant' | 'withdraw' | 'STOP' | 'START';
let used = 0;

/** Says it all of one new person, and tells whether they may be sent to, and whether their history is whole. */
async function after(words: readonly Word[]): Promise<{ sendable: boolean; whole: boolean }> {
  const { db, people } = run.app.core;
  const caller = systemCaller(tenantId, 'test');
  const address = numberOf(used++);
  const { id } = (await people.contacts.upsert(caller, { phone: address })).contact;
  const input = { contact: { id }, channels: ['SMS' as const], categories: ['UTILITY' as const], source: 'API' as const };
  const word = () => ({ tenantId, contactId: id, address, channel: 'SMS' as const, source: 'KEYWORD' as const, at: new Date() });
  const say: Record<Word, () => Promise<unknown>> = {
    grant: () => people.consents.grant(caller, input),
    withdraw: () => people.consents.withdraw(caller, input),
    STOP: () => db.transaction((tx) => people.consents.stop(tx, word())),
    START: () => db.transaction((tx) => people.consents.start(tx, word())),
  };
  for (const one of words) await say[one]().catch(unlessRefused);
  const consent = (await people.consents.consents(tenantId, [id])).find(({ category }) => category === 'UTILITY');
  const hash = run.app.core.index.hash(tenantId, address).toString('hex');
  const stops = await rowsOf(
    run,
    `select from suppressions where encode(address_hash, 'hex') = '${hash}' and category in ('UTILITY', '*')`,
  );
  const history = await people.consents.history(tenantId, [id]);
  return { sendable: consent?.state === 'GRANTED' && stops.length === 0, whole: history.every(({ verified }) => verified) };
}

const isLifted = (words: readonly Word[]): boolean => words.findLast((word) => word === 'STOP' || word === 'START') !== 'STOP';

test('whatever is said, in whatever order: only who was granted last, not after a STOP without START, and has not said STOP since, is sent to', async () => {
  const words = fc.array(fc.constantFrom<Word>('grant', 'withdraw', 'STOP', 'START'), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(words, async (said) => {
      const byCallers = said.findLast((word, index) => word === 'withdraw' || (word === 'grant' && isLifted(said.slice(0, index))));
      expect(await after(said)).toEqual({ sendable: byCallers === 'grant' && isLifted(said), whole: true });
    }),
    { numRuns: 40 },
  );
});
