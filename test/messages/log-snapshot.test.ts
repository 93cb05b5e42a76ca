import { expect, test } from 'vitest';
import { LogSnapshot } from '../../src/messages/log-snapshot.js';

test.each([
  ['98:105:98,101', { ended: ['1', '97', '99', '100', '102', '104'], not: ['98', '101', '105', '1000'] }],
  ['98:98:', { ended: ['9', '97'], not: ['98', '99', '100'] }],
  ['18446744073709551610:18446744073709551612:18446744073709551610', { ended: ['18446744073709551611'], not: ['18446744073709551612'] }],
])('%s holds what had ended', (text, { ended, not }) => {
  const snapshot = new LogSnapshot(text);
  expect(ended.filter((xid) => !snapshot.has(xid))).toEqual([]);
  expect(not.filter((xid) => snapshot.has(xid))).toEqual([]);
  expect(snapshot.horizon).toBe(text.split(':')[0]);
});
