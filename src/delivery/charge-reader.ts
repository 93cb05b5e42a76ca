import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { applyChanges, lockMessages } from '../messages/message-changes.js';
import type { MessageRow } from '../messages/message.row.js';
import type { Database } from '../platform/database/database.js';
import { countDueReadings, moveReading, takeReading, type ChargeReading } from './charge-reader.queries.js';
import type { ChargeQueue } from './delivery.ports.js';
import type { Charge, ChargePage, MessageProvider } from './provider.js';
import type { ProviderDirectory } from './provider-directory.js';
import { messagesOf, recordKey } from './provider-record.queries.js';

/** After messages went out. Most have a price by the first; what has none by the last is not asked about again. */
const DELAYS_SECONDS = [3_600, 24 * 3_600];
const LONGEST_WINDOW = '1 hour';
/** Between two windows, once everything is read. */
const PAUSE_MS = 10 * 60_000;
const AFTER_FAULT_MS = 60_000;
/** For what comes after the answer. */
const RECORDING_MS = 30_000;
/** A job's time. Another one goes on, in this process or in another. */
const SHIFT_MS = 10_000;

/** Counts what became of each page. */
export interface ChargeCounter {
  inc(labels: { provider: string; outcome: string }): void;
}

type Charging = MessageProvider & Required<Pick<MessageProvider, 'charges'>>;

/**
 * Reads what messages were charged in the books of providers that tell it neither with their answers nor in receipts: page by
 * page of all that went out in a time, so that a thousand messages cost one call.
 */
export class ChargeReader {
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly directory: ProviderDirectory,
    private readonly queue: ChargeQueue,
    private readonly counter: ChargeCounter,
    private readonly log: Logger,
    private readonly settings: { timeoutMs: number },
  ) {}

  /** By the clock: calls a worker where something is due. */
  async call(): Promise<void> {
    const providers = [...this.providers().keys()];
    if (providers.length === 0) return;
    await this.queue.callCharges(await countDueReadings(this.db.sql, { providers, delays: DELAYS_SECONDS, now: new Date() }));
  }

  /** Page after page of whatever is due, until its time is over. */
  async runDue(): Promise<void> {
    const providers = this.providers();
    const end = Date.now() + SHIFT_MS;
    while (Date.now() < end && !this.stopped) {
      const now = new Date();
      const leaseUntil = new Date(now.getTime() + Math.ceil(this.settings.timeoutMs) + RECORDING_MS);
      const reading = await takeReading(this.db.sql, { providers: [...providers.keys()], now, leaseUntil, longest: LONGEST_WINDOW });
      const provider = reading && providers.get(reading.provider);
      if (!provider) return;
      await this.read(provider, reading);
    }
  }

  /** Ends after the page that is being read. */
  stop(): void {
    this.stopped = true;
  }

  private providers(): Map<string, Charging> {
    const charging = this.directory.all().filter((provider): provider is Charging => provider.charges !== undefined);
    return new Map(charging.map((provider) => [provider.name, provider]));
  }

  private async read(provider: Charging, reading: ChargeReading): Promise<void> {
    const { readUntil: from, windowEnd: to, page } = reading;
    let answer: ChargePage;
    try {
      answer = await provider.charges({ from, to }, page, AbortSignal.timeout(Math.ceil(this.settings.timeoutMs)));
    } catch (error) {
      this.counter.inc({ provider: provider.name, outcome: 'failed' });
      this.log.warn(
        { err: error, provider: provider.name },
        'a provider did not tell what messages were charged; asking again in a minute',
      );
      // From the beginning of the window: a provider may not know its page any more.
      return moveReading(this.db.sql, reading, { ...reading, page: null, nextAt: new Date(Date.now() + AFTER_FAULT_MS) });
    }
    await this.db.transaction(async (tx) => {
      await applyCharges(tx, provider.name, answer.charges);
      await moveReading(tx, reading, nextOf(reading, answer.next));
    });
    this.counter.inc({ provider: provider.name, outcome: 'done' });
  }
}

function nextOf({ readUntil, windowEnd, delaySeconds }: ChargeReading, page: string | null): Parameters<typeof moveReading>[2] {
  const now = Date.now();
  if (page !== null) return { readUntil, windowEnd, page, nextAt: new Date(now) };
  const isBehind = now - windowEnd.getTime() > delaySeconds * 1000 + PAUSE_MS;
  return { readUntil: windowEnd, windowEnd: null, page: null, nextAt: new Date(isBehind ? now : now + PAUSE_MS) };
}

async function applyCharges(tx: Transaction<unknown>, provider: string, charges: readonly Charge[]): Promise<void> {
  const found = await messagesOf(
    tx,
    charges.map(({ providerMessageId }) => ({ provider, providerMessageId })),
  );
  const rows = await lockMessages(tx, [...found.values()]);
  const costs = new Map(charges.map(({ providerMessageId, cost }) => [recordKey({ provider, providerMessageId }), cost]));
  await applyChanges(
    tx,
    rows.filter(isUncharged).flatMap((row) => {
      const cost = costs.get(recordKey({ provider: row.provider ?? '', providerMessageId: row.providerMessageId ?? '' }));
      return cost ? [{ row, set: { costAmount: cost.amount, costCurrency: cost.currency }, note: null }] : [];
    }),
  );
}

/** While it is being sent again, its worker takes the row for as it was left, and would write over it: it is asked about once more a day later. */
const isUncharged = ({ status, costAmount, providerMessageId, earlierCharges }: MessageRow): boolean =>
  status !== 'SENDING' && costAmount === null && !earlierCharges?.some((charge) => charge.providerMessageId === providerMessageId);
