import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { askAlone, type Asked } from '../support/lone-request.js';
import type { Program } from '../support/program.js';
import { countsAgree } from '../support/reckoning.js';
import { scale } from './scale.js';

const ROUNDS = scale(10, 1);
const CALLERS = 20;
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';

let site: Deployment;
let api: Program;
beforeAll(async () => {
  site = await Deployment.start();
  api = await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterAll(() => site.stop());

interface Stored {
  id: string;
  reference: string;
  status: string;
}
const storedIn = (round: string): Promise<Stored[]> =>
  site.rows<Stored>('select id, reference, status from messages where reference like $1 order by reference', [`${round}-%`]);

const ask = (reference: string): Promise<Asked> =>
  askAlone(site.api, { query: SEND, variables: { input: { to: '+14155550188', body: 'Hello', reference, idempotencyKey: reference } } });

/** Kills it once something is stored, while its hint hangs: Redis does not answer. Returns what the callers were told. */
async function killedBeforeTheHint(references: readonly string[], round: string): Promise<Asked[]> {
  site.redis.hold();
  const asking = references.map(ask);
  await eventually(async () => expect((await storedIn(round)).length).toBeGreaterThan(0), 10_000, 1);
  await site.kill(api);
  const told = await Promise.all(asking);
  site.redis.release();
  return told;
}

describe('an api that is killed between commit and hint', () => {
  test.each(Array.from({ length: ROUNDS }, (_, index) => `round-${index}`))(
    'has told nobody; who asks again with the same key gets the same message, which goes out once (%s)',
    async (round) => {
      const before = site.simulator.takenTotal();
      const references = Array.from({ length: CALLERS }, (_, caller) => `${round}-${String(caller).padStart(2, '0')}`);
      const told = await killedBeforeTheHint(references, round);
      expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['cut']));
      const left = await storedIn(round);
      expect(left.length).toBeGreaterThan(0);

      api = await site.run('api');
      const again = await Promise.all(references.map(ask));
      const ids = new Map(references.map((reference, index) => [reference, again[index]?.body.data.sendMessage.message.id as string]));
      for (const { id, reference } of left) expect(ids.get(reference)).toBe(id);
      await eventually(
        async () =>
          expect((await storedIn(round)).map(({ id, status }) => [id, status])).toEqual([...ids.values()].map((id) => [id, 'DELIVERED'])),
        60_000,
      );
      expect([...ids.values()].map((id) => site.simulator.taken(id))).toEqual(references.map(() => 1));
      expect(site.simulator.takenTotal() - before).toBe(CALLERS);
      await countsAgree(site.postgres.target);
    },
    120_000,
  );
});
