import { expect, test } from 'vitest';
import { chargeKept, costOf } from '../../src/messages/message-cost.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { messageRow, sentRow } from '../support/builders.js';

const charged = (amount: string, currency = 'USD'): Partial<MessageRow> => ({ costAmount: amount, costCurrency: currency });
const claimed = (row: MessageRow, id: string): MessageRow => ({ ...row, ...chargeKept(row), providerMessageId: id });

test('a message costs what all of its calls were charged', () => {
  expect(costOf(messageRow())).toBeNull();
  expect(costOf(sentRow(charged('0.0083')))).toEqual({ amount: '0.0083', currency: 'USD' });
  const twice = claimed(sentRow(charged('0.0083')), 'SM2');
  expect(costOf(twice)).toMatchObject({ amount: '0.0083', currency: 'USD' });
  expect(costOf({ ...twice, ...charged('0.00830049') })).toEqual({ amount: '0.0166', currency: 'USD' });
});

test('what was charged in several currencies is told in that of the newest', () => {
  const row = claimed({ ...claimed(sentRow(charged('0.01', 'EUR')), 'SM2'), ...charged('0.0075') }, 'SM3');
  expect(costOf(row)).toMatchObject({ amount: '0.0075', currency: 'USD' });
  expect(costOf({ ...row, ...charged('0.02', 'EUR') })).toEqual({ amount: '0.03', currency: 'EUR' });
});

test('who was charged nothing has nothing to keep', () => {
  expect(chargeKept(sentRow())).toEqual({});
});
