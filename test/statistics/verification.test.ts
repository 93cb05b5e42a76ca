import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.js';
import { describeDifference } from '../../src/statistics/difference.js';
import { foldFigures } from '../../src/statistics/fold.queries.js';
import { StatisticsRun } from '../support/statistics-run.js';

let run: StatisticsRun;
beforeAll(async () => {
  run = await StatisticsRun.start();
});
afterAll(() => run.stop());
beforeEach(() => sql`truncate messages, message_events, statistic_deltas, statistic_rollups`.execute(run.db.sql));

const execute = (text: string): Promise<unknown> => sql.raw(text).execute(run.db.sql);
const fold = (): Promise<number> => foldFigures(run.db.sql);
/** Noon of yesterday: its minutes are kept, and no test runs over its end. */
const NOON = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000);
const noon = NOON.toISOString();

const asked = { status: 'SENDING', provider: 'simulator', attempts: 1 } as const;
const note = { attempt: 1, provider: 'simulator' };

async function delivered(id: string): Promise<void> {
  const at = new Date();
  await run.change(new Map([[id, asked]]), { ...note, at });
  await run.change(new Map([[id, { status: 'DELIVERED', deliveredAt: at }]]), { ...note, at });
}

async function failed(id: string): Promise<void> {
  const error = { kind: 'TIMEOUT', code: '30005', message: 'It failed.', retryable: false } as const;
  await run.change(new Map([[id, asked]]), note);
  await run.change(new Map([[id, { status: 'FAILED', errorKind: error.kind, errorCode: error.code }]]), { ...note, error });
}

const names = async (options?: { repair: boolean }): Promise<string[]> => (await run.verify(options)).found.map(describeDifference);

describe('a verification', () => {
  test('finds nothing where all is right, folded or not', async () => {
    await run.accept({ createdAt: NOON }, { status: 'FAILED', errorKind: 'TIMEOUT' });
    expect(await run.verify()).toEqual({ messages: 2, differences: 0, found: [] });
    await fold();
    expect(await run.verify()).toEqual({ messages: 2, differences: 0, found: [] });
  });

  test('names a rollup that tells too many, and one that tells too few', async () => {
    await run.accept({ createdAt: NOON, provider: 'twilio', costAmount: '0.0075', costCurrency: 'USD' });
    await fold();
    await execute(`update statistic_rollups set delivered = 2, cost = 0.01, details = '{"error:TIMEOUT:": 3}' where seconds = 3600`);
    await execute('update statistic_rollups set queued = 0 where seconds = 86400');
    expect(await names()).toEqual([
      `day of ${noon.slice(0, 10)}T00:00:00.000Z, all messages, SMS UTILITY twilio USD: queued 1 too few`,
      `hour of ${noon}, all messages, SMS UTILITY twilio USD: delivered 2 too many, cost 0.0025 too many, error:TIMEOUT: 3 too many`,
    ]);
  });

  test('names figures that belong to no message', async () => {
    await execute(
      `insert into statistic_deltas (tenant_id, at, channel, category, sent) values ('${run.tenantId}', '${noon}', 'SMS', 'UTILITY', 1)`,
    );
    expect(await names()).toEqual(
      ['day', 'hour', 'quarter of an hour', 'minute'].map((width) =>
        expect.stringMatching(new RegExp(`^${width} of .* SMS UTILITY: sent 1 too many$`)),
      ),
    );
  });

  test('names what a batch and a template lack', async () => {
    const batchId = newId();
    await run.accept({ createdAt: NOON, batchId, templateCode: 'reminder' });
    await fold();
    await execute(`delete from statistic_rollups where seconds = 900 and scope <> 'ALL'`);
    expect(await names()).toEqual([
      `quarter of an hour of ${noon}, by template, SMS UTILITY template reminder: queued 1 too few, segments 1 too few`,
      `quarter of an hour of ${noon}, by batch, SMS UTILITY template reminder batch ${batchId}: queued 1 too few, segments 1 too few`,
    ]);
  });

  test('names a message whose events tell another story', async () => {
    const [sent, lost] = await run.accept({ status: 'SENT' }, {});
    await execute(`update messages set status = 'DELIVERED' where id = '${sent!.id}'`);
    await execute(`delete from message_events where message_id = '${lost!.id}'`);
    await fold();
    await run.verify({ repair: true });
    expect(await names()).toEqual([
      `message ${sent!.id} is DELIVERED, and its events end at SENT`,
      `message ${lost!.id} is QUEUED, and its events contradict each other`,
    ]);
  });

  test.each([
    ['delivered_at', `'${noon}'`, /time of delivery .*T12:00:00.000Z, and by its events /],
    ['delivered_at', 'null', /time of delivery unknown, and by its events /],
    ['provider', `'twilio'`, /provider twilio, and by its events simulator/],
    ['attempts', '3', /attempts 3, and by its events 1/],
  ])('names a message whose %s was made %s', async (column, value, named) => {
    const [message] = await run.accept({});
    await delivered(message!.id);
    await execute(`update messages set ${column} = ${value} where id = '${message!.id}'`);
    await run.verify({ repair: true });
    expect(await names()).toEqual([expect.stringMatching(named)]);
  });

  test.each([
    ['error_kind', `'REJECTED'`, /error REJECTED 30005, and by its events TIMEOUT 30005/],
    ['error_code', 'null', /error TIMEOUT, and by its events TIMEOUT 30005/],
  ])('names a dead letter whose %s was made %s', async (column, value, named) => {
    const [message] = await run.accept({});
    await failed(message!.id);
    await execute(`update messages set ${column} = ${value} where id = '${message!.id}'`);
    await run.verify({ repair: true });
    expect(await names()).toEqual([expect.stringMatching(named)]);
  });

  test('finds nothing in messages that took the whole way', async () => {
    const [one, other] = await run.accept({}, {});
    await delivered(one!.id);
    await failed(other!.id);
    expect(await names()).toEqual([]);
  });

  test('leaves out what retention may have taken', async () => {
    const ago = new Date(Date.now() - 91 * 86_400_000);
    await run.accept({ createdAt: ago });
    await execute('delete from messages');
    expect(await run.verify()).toEqual({ messages: 0, differences: 0, found: [] });
  });

  test('says nothing of minutes that nobody reads any more', async () => {
    await run.accept({ createdAt: new Date(Date.now() - 5 * 86_400_000) });
    await fold();
    await execute('delete from statistic_rollups where seconds = 60');
    expect(await names()).toEqual([]);
  });
});

describe('a repair', () => {
  test('corrects each rollup by what it lacks', async () => {
    await run.accept({ createdAt: NOON }, { createdAt: NOON, status: 'FAILED', errorKind: 'TIMEOUT', batchId: newId() });
    await fold();
    await execute(`update statistic_rollups set failed = failed + 7, cost = 5, details = '{}' where seconds in (60, 86400)`);
    expect((await names({ repair: true })).length).toBeGreaterThan(0);
    expect(await names()).toEqual([]);
  });

  test('builds the statistics from nothing', async () => {
    await run.accept(
      ...Array.from({ length: 20 }, (_, index) => ({ createdAt: new Date(NOON.getTime() - index * 3_600_000), segments: 2 })),
    );
    await execute('truncate statistic_deltas, statistic_rollups');
    await run.verify({ repair: true });
    const day = await run.read({}, { from: new Date(NOON.getTime() - 86_400_000), to: new Date(NOON.getTime() + 60_000) });
    expect([await day.total(), await day.segments()]).toEqual([20, 40]);
    expect(await names()).toEqual([]);
  });

  test('is exact while messages change and fold under it', async () => {
    const messages = await run.accept(...Array.from({ length: 100 }, () => ({ createdAt: NOON })));
    await fold();
    await execute('update statistic_rollups set queued = queued + 1000');
    const changed = new AbortController();
    const change = async (): Promise<void> => {
      for (const { id } of messages) {
        await run.change(new Map([[id, { status: 'SENT', sentAt: new Date() }]]));
        await fold();
      }
      changed.abort();
    };
    const repair = async (): Promise<void> => {
      while (!changed.signal.aborted) await run.verify({ repair: true });
    };
    await Promise.all([change(), repair()]);
    await fold();
    expect(await names()).toEqual([]);
    expect(await (await run.read({}, { from: NOON })).byStatus()).toEqual([{ status: 'SENT', count: 100 }]);
  });

  test('waits for no other: the second is refused', async () => {
    await run.accept({ createdAt: NOON });
    const results = await Promise.allSettled([run.verify({ repair: true }), run.verify({ repair: true })]);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as Error).message] : []));
    expect(reasons).toEqual(['Another repair of the statistics is under way.']);
    expect((await run.verify({ repair: true })).messages).toBe(1);
  });
});
