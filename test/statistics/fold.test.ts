import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { foldFigures, pruneRollups } from '../../src/statistics/fold.queries.js';
import { spend } from '../../src/statistics/spend.js';
import { StatisticsRun } from '../support/statistics-run.js';

let run: StatisticsRun;
beforeAll(async () => {
  run = await StatisticsRun.start();
});
afterAll(() => run.stop());
beforeEach(() =>
  sql`truncate messages, message_events, batch_deltas, batch_cost_deltas, statistic_deltas, statistic_rollups`.execute(run.db.sql),
);

const fold = (): Promise<number> => foldFigures(run.db.sql);
const rows = async <T>(text: string): Promise<T[]> => (await sql.raw<T>(text).execute(run.db.sql)).rows;
const BATCH = newId();

/** Any state that a row can be in, possible or not: the figures must follow whatever is written. */
const state: fc.Arbitrary<Partial<MessageRow>> = fc.record({
  status: fc.constantFrom('SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'EXPIRED'),
  provider: fc.constantFrom(null, 'twilio', 'simulator'),
  segments: fc.constantFrom(null, 1, 4),
  attempts: fc.integer({ min: 0, max: 3 }),
  providerMs: fc.option(fc.integer({ min: 0, max: 90_000 })),
  deliveredAt: fc.option(fc.integer({ min: -1_000, max: 90_000 }).map((ms) => new Date(Date.now() + ms))),
  sentAt: fc.option(fc.constant(new Date())),
  errorKind: fc.constantFrom(null, 'UNREACHABLE', 'TIMEOUT'),
  errorCode: fc.constantFrom(null, '30005', 'a:b'),
  costAmount: fc.constantFrom(null, '0.0083', '1.23456789'),
  costCurrency: fc.constantFrom('USD', 'EUR'),
  earlierCharges: fc.constantFrom(null, [
    { providerMessageId: 'SM1', amount: '0.1', currency: 'EUR' },
    { providerMessageId: 'SM2', amount: '0.02', currency: 'USD' },
  ]),
  estimateAmount: fc.constantFrom(null, '0.0083'),
  estimateCurrency: fc.constantFrom('USD', 'EUR'),
});

const kind: fc.Arbitrary<Partial<MessageRow>> = fc.record({
  channel: fc.constantFrom('SMS', 'WHATSAPP'),
  templateCode: fc.constantFrom(null, 'reminder'),
  batchId: fc.constantFrom(null, BATCH),
  createdAt: fc.integer({ min: 0, max: 3 * 86_400_000 - 600_000 }).map((ms) => new Date(Date.now() - ms)),
});

const history = fc.record({ kind, states: fc.array(state, { minLength: 1, maxLength: 5 }), foldAfter: fc.integer({ min: 0, max: 6 }) });

describe('rollups', () => {
  test('equal a recount after any history, folded at any time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(history, { minLength: 1, maxLength: 6 }), async (histories) => {
        const messages = await run.accept(...histories.map(({ kind: fixed, states }) => ({ ...fixed, ...states[0] })));
        for (let step = 1; step < 5; step++) {
          const sets = histories.flatMap(({ states: { [step]: set } }, index) => (set ? [[messages[index]!.id, set] as const] : []));
          await run.change(new Map(sets));
          if (histories.some(({ foldAfter }) => foldAfter === step)) await fold();
        }
        // Such histories as no events tell: it is the figures that have to follow the rows.
        const verified = await run.verify();
        expect(verified.found.filter((difference) => difference.of !== 'outcome')).toEqual([]);
      }),
      { numRuns: 40 },
    );
    // Counted another way, over all that the runs have left behind.
    await fold();
    const [counted] = await rows(`select count(*) as total, count(*) filter (where status = 'FAILED') as failed, sum(segments) as segments,
      sum(coalesce(cost_amount, 0) * (cost_currency = 'EUR')::int + case when earlier_charges is null then 0 else 0.1 end) as euros from messages`);
    const [told] =
      await rows(`select sum(scheduled + queued + sending + unconfirmed + sent + delivered + read + failed + expired)::bigint as total,
      sum(failed)::bigint as failed, sum(segments)::bigint as segments, sum(cost) filter (where currency = 'EUR') as euros
      from statistic_rollups where scope = 'ALL' and seconds = 3600`);
    expect(told).toEqual(counted);
    const span = { from: new Date(0), to: new Date(Date.now() + 86_400_000) };
    const [spent] = await rows<{ amount: string }>(`
      select trim_scale(sum(round(amount, 6)))::text as amount from messages cross join lateral (
        select amount, currency from jsonb_to_recordset(earlier_charges) as e (amount numeric, currency text)
        union all select cost_amount, cost_currency where cost_amount is not null
        union all select estimate_amount, estimate_currency
          where cost_amount is null and sent_at is not null and status in ('SENT', 'DELIVERED', 'READ', 'FAILED', 'EXPIRED')) charged
      where currency = 'EUR'`);
    expect(await spend.between(run.db.sql, run.tenantId, 'EUR', span.from, span.to)).toBe(spent?.amount);
  }, 60_000);

  test('tell the same before and after they are folded', async () => {
    const [one, other] = await run.accept({}, { channel: 'WHATSAPP', batchId: BATCH, templateCode: 'reminder' });
    await run.change(
      new Map([
        [one!.id, { status: 'SENT', provider: 'twilio', sentAt: new Date() }],
        [other!.id, { status: 'FAILED' }],
      ]),
    );
    const told = async (): Promise<unknown[]> => {
      const statistics = await Promise.all([{}, { batchId: BATCH }, { templateCode: 'reminder' }].map((filter) => run.read(filter)));
      return Promise.all(
        statistics.flatMap((read) => [read.byStatus(), read.byChannel(), read.errors(9), read.byTemplate(9), read.series('HOUR')]),
      );
    };
    const before = await told();
    expect(await fold()).toBe(5);
    expect(await told()).toEqual(before);
    expect(await fold()).toBe(0);
    expect(await rows('select * from statistic_deltas')).toEqual([]);
  });

  test('lose nothing and double nothing while messages change and two fold at once', async () => {
    const messages = await run.accept(...Array.from({ length: 200 }, () => ({})));
    const written = new AbortController();
    const folding = [1, 2].map(async () => {
      while (!written.signal.aborted) await fold();
    });
    const at = new Date();
    const states: Partial<MessageRow>[] = [
      { status: 'SENDING', provider: 'twilio' },
      { status: 'SENT' },
      { status: 'DELIVERED', deliveredAt: at },
    ];
    await Promise.all(
      [0, 50, 100, 150].map(async (start) => {
        for (const set of states)
          for (const { id } of messages.slice(start, start + 50)) await run.change(new Map([[id, set]]), { at, provider: 'twilio' });
      }),
    );
    written.abort();
    await Promise.all(folding);
    expect(await run.verify()).toEqual({ messages: 200, differences: 0, found: [] });
    expect(await (await run.read()).byStatus()).toEqual([{ status: 'DELIVERED', count: 200 }]);
  });

  test('tell each message once at any moment of folding', async () => {
    await run.accept(...Array.from({ length: 50 }, () => ({})));
    const [message] = await run.accept({});
    const folded = new AbortController();
    const seen = new Set<number>();
    const reading = (async () => {
      while (!folded.signal.aborted) seen.add(await (await run.read()).total());
    })();
    for (let count = 0; count < 30; count++) {
      await run.change(new Map([[message!.id, { status: count % 2 ? 'QUEUED' : 'SENDING' }]]));
      await fold();
    }
    folded.abort();
    await reading;
    expect([...seen]).toEqual([51]);
  });

  test('know nothing of a change that was rolled back', async () => {
    const [message] = await run.accept({});
    await fold();
    await expect(run.change(new Map([[message!.id, { status: 'SENT', provider: '\0' }]]))).rejects.toThrow('0x00');
    expect(await rows('select * from statistic_deltas')).toEqual([]);
    expect(await (await run.read()).byStatus()).toEqual([{ status: 'QUEUED', count: 1 }]);
  });

  test('are not written where folding finds that all cancels out', async () => {
    const [message] = await run.accept({ batchId: BATCH });
    await run.change(new Map([[message!.id, { provider: 'twilio', status: 'SENDING' }]]));
    await fold();
    expect(await rows('select distinct provider from statistic_rollups')).toEqual([{ provider: 'twilio' }]);
  });
});

describe('pruning', () => {
  const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);

  test('forgets single minutes after three days and a margin, and nothing else', async () => {
    await run.accept({ createdAt: days(2.9) }, { createdAt: days(4.1) });
    await fold();
    expect(await pruneRollups(run.db.sql)).toBe(1);
    expect(await rows('select seconds, count(*) from statistic_rollups group by 1 order by 1')).toEqual([
      { seconds: 60, count: 1 },
      { seconds: 900, count: 2 },
      { seconds: 3600, count: 2 },
      { seconds: 86400, count: 2 },
    ]);
    expect((await run.verify()).found).toEqual([]);
  });

  test('reads no more than a part of the table at a time, and in the end all of it', async () => {
    await run.accept(...Array.from({ length: 200 }, (_, n) => ({ createdAt: days(10 + n / 10) })));
    await fold();
    const sent: string[] = [];
    const log = run.db.sql.withPlugin({
      transformQuery: ({ node }) => (sent.push(node.kind), node),
      transformResult: async ({ result }) => result,
    });
    expect(await pruneRollups(log, new Date(), 2)).toBe(200);
    expect(sent.length).toBeGreaterThan(5);
    expect(await rows('select 1 from statistic_rollups where seconds = 60')).toEqual([]);
  });

  test('forgets rollups that have come to nothing', async () => {
    const [message] = await run.accept({});
    await fold();
    await run.change(new Map([[message!.id, { provider: 'twilio', status: 'SENDING' }]]));
    await fold();
    expect(await pruneRollups(run.db.sql)).toBe(4);
    expect(await (await run.read()).byProvider()).toMatchObject([{ key: 'twilio', total: 1 }]);
  });
});
