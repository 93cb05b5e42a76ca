import { beforeEach, describe, expect, test } from 'vitest';
import { BudgetAccount, BudgetReservation } from '../../src/messages/budget-account.js';

/** Of a hundred dollars that are the limit, `expected` are spent. */
const reading = (began: number, expected = 0n) => ({
  began,
  keptUntil: began + 1_000,
  budgets: [{ period: 'DAY' as const, currency: 'USD', limit: 100_000_000n, charged: 0n, expected }],
});
const dollars = (amount: string) => ({ amount, currency: 'USD' });

let account: BudgetAccount;
let sends: BudgetReservation;
beforeEach(() => {
  account = new BudgetAccount();
  account.take(reading(performance.now()));
  sends = new BudgetReservation(account);
});
const used = (): number => Number(new BudgetReservation(account).facts(null)[0]?.used) / 1_000_000;

describe('what sends take of a budget', () => {
  test('counts for others at once, and no more once it is given back', () => {
    sends.add(dollars('30'));
    sends.add(dollars('12.5'));
    expect(used()).toBe(42.5);
    sends.release();
    sends.release();
    expect(used()).toBe(0);
  });

  test('counts once it is stored, until a reading that began later has it', () => {
    const during = performance.now();
    sends.add(dollars('30'));
    sends.stored();
    sends.release();
    expect(used()).toBe(30);
    account.take(reading(during));
    expect(used()).toBe(30);
    account.take(reading(performance.now(), 30_000_000n));
    expect(used()).toBe(30);
  });

  test('counts beside each reading while it is being stored', () => {
    sends.add(dollars('30'));
    account.take(reading(performance.now(), 5_000_000n));
    expect(used()).toBe(35);
  });

  test('is not forgotten for a reading that began earlier and ends later', () => {
    const began = performance.now();
    sends.add(dollars('30'));
    sends.stored();
    account.take(reading(performance.now(), 30_000_000n));
    account.take(reading(began));
    expect(used()).toBe(30);
  });

  test('counts only in budgets of its currency, and when claiming not at all', () => {
    sends.add({ amount: '30', currency: 'SAR' });
    expect(used()).toBe(0);
    sends.add(dollars('30'));
    expect(account.whenClaimed()).toMatchObject([{ used: 0n }]);
  });

  test('on trial counts for itself and for nobody else', () => {
    sends.add(dollars('30'));
    const trial = new BudgetReservation(account.copy());
    trial.add(dollars('20'));
    expect(trial.facts(dollars('1'))).toMatchObject([{ used: 50_000_000n, cost: 1_000_000n }]);
    expect(used()).toBe(30);
  });
});
