import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BudgetReservation } from '../../src/messages/budget-account.js';
import { BudgetLedger } from '../../src/messages/budget-ledger.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { rowsOf } from '../support/stored.js';

let run: TestApp;
let tenant: { tenantId: string; timeZone: string };
let last = 0;
/** What each reading is told, in order; a reading without waits. */
let reads: PromiseWithResolvers<string>[];
let ledger: BudgetLedger;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterAll(() => run.stop());
beforeEach(async () => {
  tenant = { tenantId: (await run.withTenant(`ledger-${last++}`)).id, timeZone: 'UTC' };
  await limit('10');
  reads = [];
  ledger = new BudgetLedger({
    between: () => {
      const read = Promise.withResolvers<string>();
      reads.push(read);
      return read.promise;
    },
  });
});

const limit = (amount: string): Promise<unknown> =>
  rowsOf(
    run,
    `insert into budgets (tenant_id, period, limit_amount, currency, warn_at, hard_stop) values ('${tenant.tenantId}', 'MONTH', ${amount}, 'USD', 0.8, true)
     on conflict (tenant_id, period) do update set limit_amount = excluded.limit_amount`,
  );
const open = (): Promise<BudgetReservation> => ledger.whenAccepted(run.app.core.db.sql, tenant, true);
const reading = async (n: number): Promise<PromiseWithResolvers<string>> => {
  await expect.poll(() => reads.length).toBeGreaterThan(n);
  return reads[n] as PromiseWithResolvers<string>;
};

describe('a reading of budgets', () => {
  test('is shared by the sends that ask for it at once', async () => {
    const all = Promise.all([open(), open(), open()]);
    (await reading(0)).resolve('4');
    const [one, other] = await all;
    one?.add({ amount: '3', currency: 'USD' });
    expect(other?.facts(null)).toMatchObject([{ used: 7_000_000n, limit: 10_000_000n }]);
    expect(reads).toHaveLength(1);
  });

  test('that fails fails them all, and the next send reads anew', async () => {
    const all = Promise.allSettled([open(), open()]);
    (await reading(0)).reject(new Error('The database is away.'));
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = open();
    (await reading(1)).resolve('4');
    expect((await next).facts(null)).toMatchObject([{ used: 4_000_000n }]);
  });

  test('that was under way when a budget was changed is made again', async () => {
    const asked = open();
    const first = await reading(0);
    await limit('20');
    ledger.forget(tenant.tenantId);
    first.resolve('4');
    (await reading(1)).resolve('4');
    expect((await asked).facts(null)).toMatchObject([{ limit: 20_000_000n }]);
  });

  test('that waits for a connection holds up no claim, which has one', async () => {
    const asked = open();
    const first = await reading(0);
    const claimed = run.app.core.db.transaction((tx) => ledger.whenClaimed(tx, tenant));
    (await reading(1)).resolve('4');
    expect(await claimed).toMatchObject([{ used: 4_000_000n }]);
    first.resolve('3');
    expect((await asked).facts(null)).toMatchObject([{ used: 4_000_000n }]);
  });
});
