import { expect, test } from 'vitest';
import { progressOf, type StatusCount } from '../../src/messages/batch.row.js';

test.each([
  ['nothing', [], 1],
  [
    'what waits or is under way',
    [
      { status: 'QUEUED', count: 3 },
      { status: 'SENDING', count: 1 },
      { status: 'SENT', count: 4 },
    ],
    0,
  ],
  [
    'every kind of end',
    [
      { status: 'DELIVERED', count: 1 },
      { status: 'READ', count: 1 },
      { status: 'FAILED', count: 1 },
      { status: 'CANCELLED', count: 1 },
      { status: 'SUPPRESSED', count: 1 },
      { status: 'EXPIRED', count: 1 },
    ],
    1,
  ],
  [
    'a quarter',
    [
      { status: 'SENT', count: 6 },
      { status: 'DELIVERED', count: 2 },
    ],
    0.25,
  ],
] as [string, StatusCount[], number][])('a batch with %s has come this far', (_what, counts, progress) => {
  expect(progressOf(counts)).toBe(progress);
});
