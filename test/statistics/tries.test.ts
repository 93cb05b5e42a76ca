import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { outcomeChange, type Outcome } from '../../src/delivery/outcome.js';
import { receiptChange } from '../../src/delivery/receipt-change.js';
import { applyChanges, lockMessages, type Change } from '../../src/messages/message-changes.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { describeDifference } from '../../src/statistics/difference.js';
import { failed, outcomeSettings, providerError, report, returned } from '../support/builders.js';
import { StatisticsRun } from '../support/statistics-run.js';

const SETTINGS = outcomeSettings();

let run: StatisticsRun;
let id: string;
beforeAll(async () => {
  run = await StatisticsRun.start();
});
afterAll(() => run.stop());
beforeEach(async () => {
  await sql`truncate messages, message_events, statistic_deltas, statistic_rollups`.execute(run.db.sql);
  id = (await run.accept({}))[0]?.id ?? '';
});

const step = (change: (row: MessageRow) => Change): Promise<unknown> =>
  run.db.transaction(async (tx) => applyChanges(tx, (await lockMessages(tx, [id])).map(change)));

const claimed = (claims: number, provider: string): Promise<unknown> => {
  const at = new Date();
  const asked = { provider, providerMessageId: null, attempts: claims, claims, askedAt: at };
  return step((row) => ({
    row,
    set: { ...asked, status: 'SENDING', firstAskedAt: row.firstAskedAt ?? at },
    note: { source: 'WORKER', at, attempt: claims, provider },
  }));
};

const ended = (outcome: (row: MessageRow) => Outcome): Promise<unknown> =>
  step((row) => outcomeChange(row, { ...outcome(row), claims: row.claims, at: new Date() }, SETTINGS));

const told = (attempt: number, provider: string, status: 'DELIVERED' | 'READ'): Promise<unknown> =>
  step((row) => {
    const receipt = { messageId: row.id, attempt, providerMessageId: provider, status };
    return receiptChange(row, report(receipt, { provider, at: new Date() }), SETTINGS);
  });

const differences = async (): Promise<string[]> => (await run.verify()).found.map(describeDifference);

describe('a message that is tried more than once', () => {
  test('counts as tried again after a rate limit, which takes no attempt', async () => {
    await claimed(1, 'twilio');
    await ended((row) => failed(row, providerError('RATE_LIMITED')));
    await claimed(2, 'twilio');
    await told(2, 'twilio', 'DELIVERED');
    expect(await (await run.read()).retrySuccessRate()).toBe(1);
  });

  test('is no difference where two providers delivered it', async () => {
    await claimed(1, 'simulator');
    await ended((row) => failed(row, providerError()));
    await claimed(2, 'twilio');
    await ended((row) => failed(row, providerError('TIMEOUT', { answered: false })));
    await told(1, 'simulator', 'DELIVERED');
    await told(2, 'twilio', 'READ');
    expect(await differences()).toEqual([]);
  });

  test('has no provider where it was given back before anybody was asked', async () => {
    await claimed(1, 'twilio');
    await ended(returned);
    expect(await (await run.read()).byProvider()).toEqual([]);
    await step((row) => ({ row, set: { status: 'CANCELLED' }, note: { source: 'API', at: new Date() } }));
    expect(await (await run.read()).byProvider()).toEqual([]);
    expect(await differences()).toEqual([]);
  });

  test('is a difference where it is out and has no provider', async () => {
    await claimed(1, 'twilio');
    await step((row) => ({
      row,
      set: { status: 'SENT', provider: null },
      note: { source: 'WORKER', at: new Date(), attempt: 1, provider: 'twilio' },
    }));
    expect(await differences()).toEqual([expect.stringContaining('provider')]);
  });
});
