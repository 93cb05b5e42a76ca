import type { Logger } from 'pino';
import type { Transaction } from 'kysely';
import { applyChanges, lockMessages, type Change, type EventNote } from '../messages/message-changes.js';
import type { DeliveryError } from '../messages/delivery-error.js';
import type { EventSource } from '../messages/message-event.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import { findMessagesOfAllTenants } from '../messages/message.queries.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessageStatus } from '../messages/message-status.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { DUE_AT_ONCE, type SilentStatus } from './delivery.ports.js';
import { envelopeOf, outbound } from './dispatch.js';
import type { Fallback } from './fallback.js';
import type { OptOuts } from './opt-outs.js';
import { failed, mayTryAgain, requeued, type OutcomeSettings } from './outcome.js';
import type { LookUp, OutboundMessage } from './provider.js';
import type { ProviderDirectory } from './provider-directory.js';
import { besideUnanswered, holdersOf, recordKey } from './provider-record.queries.js';
import { receiptChange, type Report } from './receipt-change.js';
import { takeForLookUp } from './sweep.queries.js';

const CONCURRENCY = 10;
/** For what comes after the last answer. */
const RECORDING_MS = 30_000;
/** How long an unanswered send may stay open while the provider cannot be asked either. */
const GIVE_UP_MS = 60 * 60_000;
const LONGEST_SILENCE_MS = 24 * 3600 * 1000;
/** For so long after its call a message that nobody is sending any more may still get its answer, from a worker that could not write it down. */
const ANSWER_MS = 60_000;
const UNCLEAR = { found: 'unknown', reason: 'it may be another message to the same number, which has no answer yet' } as const;
/** Of a refresh: the provider does not know what has not reached it, and would be asked to send it twice. */
const EARLY = { found: 'unknown', reason: 'the call may still be on its way' } as const;
/** A provider may know more of these than we do, of a message that was READ its price. */
const ASKABLE: readonly MessageStatus[] = ['UNCONFIRMED', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'EXPIRED'];

/** `row` as it was when the provider was asked. */
interface Answer {
  row: MessageRow;
  result: LookUp;
}

/** Asks providers what became of messages: of those whose send was never answered, and of those that no receipt came for. */
export class StatusLookUp {
  constructor(
    private readonly db: Database,
    private readonly directory: ProviderDirectory,
    private readonly fallback: Fallback,
    private readonly optOuts: OptOuts,
    private readonly publisher: MessagePublisher,
    private readonly sealer: Sealer,
    private readonly log: Logger,
    private readonly settings: OutcomeSettings & { timeoutMs: number },
  ) {}

  /** Asks about those of the status whose time has come, a page of them. */
  async runDue(status: SilentStatus): Promise<void> {
    const now = new Date();
    const leaseUntil = new Date(now.getTime() + Math.ceil(DUE_AT_ONCE / CONCURRENCY) * this.settings.timeoutMs + RECORDING_MS);
    await this.askAbout(await takeForLookUp(this.db.sql, { status, now, leaseUntil, limit: DUE_AT_ONCE }));
  }

  /** Asks about these now, whenever their time comes. */
  async run(ids: readonly string[]): Promise<void> {
    await this.askAbout(await findMessagesOfAllTenants(this.db.sql, ids));
  }

  private async askAbout(found: readonly MessageRow[]): Promise<void> {
    const rows = found.filter(({ status, askedAt }) => askedAt && ASKABLE.includes(status));
    const answers = new Map<string, Answer>();
    const queue = rows.values();
    const worker = async (): Promise<void> => {
      for (const row of queue) answers.set(row.id, { row, result: await this.ask(row) });
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, rows.length) }, worker));
    if (answers.size > 0) await this.record(answers, 'POLL', new Date());
  }

  private async ask(row: MessageRow): Promise<LookUp> {
    const provider = row.provider ? this.directory.get(row.provider) : null;
    const { providerMessageId, askedAt, createdAt } = row;
    if (!provider) return { found: 'unknown', reason: 'the provider is no longer set up' };
    if (!row.sealed && providerMessageId === null) return { found: 'unknown', reason: 'its content has been erased' };
    // It takes whole milliseconds only, and seconds may be fractions.
    const signal = AbortSignal.timeout(Math.ceil(this.settings.timeoutMs));
    try {
      return await provider.lookUp({ ...rememberedOf(row, this.sealer), providerMessageId, notBefore: askedAt ?? createdAt }, signal);
    } catch (error) {
      this.log.warn({ err: error, messageId: row.id }, 'a look-up at the provider failed');
      return { found: 'unknown', reason: 'the provider could not be asked' };
    }
  }

  private async record(answers: ReadonlyMap<string, Answer>, source: EventSource, at: Date): Promise<void> {
    const { news, takeovers, optedOut } = await this.db.transaction(async (tx) => {
      const rows = await lockMessages(tx, [...answers.keys()]);
      const own = await this.withoutOthers(tx, rows, answers, at);
      const changes = rows.flatMap((row) => {
        const answer = own.get(row.id);
        return answer ? this.changesBy(row, answer, source, at) : [];
      });
      const followed = await this.fallback.takeOver(tx, changes, at);
      const applied = await applyChanges(tx, changes);
      return { news: applied.news, takeovers: followed, optedOut: await this.optOuts.record(tx, changes) };
    });
    this.publisher.publish(news);
    optedOut();
    await this.fallback.announce(takeovers);
  }

  /**
   * What a provider has found by a message's content may be another one of ours that said the same to the same number.
   * It never has more than one of them then, so ours was not taken. While the other has not been answered, nobody can tell.
   */
  private async withoutOthers(
    tx: Transaction<unknown>,
    rows: readonly MessageRow[],
    answers: ReadonlyMap<string, Answer>,
    at: Date,
  ): Promise<Map<string, Answer>> {
    const byContent = rows.filter(({ id, providerMessageId }) => providerMessageId === null && answers.get(id)?.result.found === true);
    // Before the records' holders: an answer that is written between the two is seen there.
    const unclear = await besideUnanswered(tx, byContent, new Date(at.getTime() - ANSWER_MS));
    const records = byContent.flatMap(({ id, provider }) => {
      const answer = answers.get(id);
      return answer?.result.found === true
        ? [{ id, answer, provider: provider ?? '', providerMessageId: answer.result.providerMessageId }]
        : [];
    });
    const holders = await holdersOf(tx, records);
    const own = new Map(answers);
    for (const { id, answer, ...record } of records) {
      const key = recordKey(record);
      if (holders.has(key)) own.set(id, { ...answer, result: { found: false } });
      else if (unclear.has(id)) own.set(id, { ...answer, result: UNCLEAR });
      else holders.set(key, id);
    }
    return own;
  }

  private changesBy(row: MessageRow, { row: asked, result }: Answer, source: EventSource, at: Date): Change[] {
    // A receipt has told meanwhile which of the provider's messages is ours.
    if (result.found === true && row.providerMessageId !== null && row.providerMessageId !== result.providerMessageId) return [];
    const reported = result.found === true ? [withoutNews(receiptChange(row, reportOf(asked, result, source, at), this.settings))] : [];
    // Claimed again meanwhile: the answer was about an earlier call.
    if (asked.claims !== row.claims) return reported;
    return [...reported, ...this.settled({ ...row, ...reported[0]?.set }, result, { source, at })];
  }

  /** What a look-up means beyond what a receipt would say: not found, not known, or found and still silent. */
  private settled(row: MessageRow, result: LookUp, { source, at }: Pick<EventNote, 'source' | 'at'>): Change[] {
    if (row.status === 'SENT') return [{ row, set: { leaseUntil: nextPoll(row, at) }, note: null }];
    if (row.status !== 'UNCONFIRMED' || result.found === true) return [];
    const note: EventNote = { source, at, attempt: row.attempts, provider: row.provider };
    const silent = at.getTime() - (row.askedAt ?? row.createdAt).getTime();
    const grace = this.settings.unconfirmedGraceMs - silent;
    const answer = result.found === false && grace > 0 ? EARLY : result;
    if (answer.found === false) return [this.notTaken(row, note)];
    const next = Math.max(30_000, silent / 2, grace);
    if (silent < GIVE_UP_MS) return [{ row, set: { leaseUntil: new Date(at.getTime() + next) }, note: null }];
    return [givenUp(row, { ...note, detail: { note: answer.reason } })];
  }

  /** Surely not taken, so sending again cannot double it. */
  private notTaken(row: MessageRow, note: EventNote): Change {
    const error = errorOf(row, 'The provider did not answer and never took the message.');
    const told = { ...note, error, detail: { note: 'the provider never took it' } };
    return mayTryAgain(row) ? requeued(row, row, 0, told) : failed(row, error, told);
  }
}

/** Of what is erased the provider's id is left, which is enough. */
const rememberedOf = (row: MessageRow, sealer: Sealer): OutboundMessage =>
  row.sealed ? outbound(row, sealer) : { ...envelopeOf(row), to: '', from: null, body: '', mediaUrls: [] };

/** An answer that changes no status is no event: a message that stays silent is asked about many times. */
const withoutNews = (change: Change): Change => (change.set.status === undefined ? { ...change, note: null } : change);

/** Nobody can know: a person decides, except for codes, where a new one is cheaper than two. */
function givenUp(row: MessageRow, note: EventNote): Change {
  if (row.category === 'AUTHENTICATION') return { row, set: { status: 'EXPIRED', leaseUntil: null }, note };
  return failed(row, errorOf(row, 'The provider never answered, and cannot tell whether it has the message.'), note);
}

const errorOf = (row: MessageRow, message: string): DeliveryError => ({ kind: 'TIMEOUT', retryable: true, code: row.errorCode, message });

const reportOf = (row: MessageRow, found: Extract<LookUp, { found: true }>, source: EventSource, at: Date): Report => ({
  receipt: {
    ...found.receipt,
    messageId: row.id,
    attempt: row.claims,
    providerMessageId: found.providerMessageId,
    // The provider knows the message: at the least, it has been sent.
    status: found.receipt.status ?? (row.status === 'UNCONFIRMED' ? 'SENT' : null),
  },
  provider: row.provider ?? '',
  source,
  at,
});

/** Every five minutes at first, then ever less often, for a day. */
function nextPoll({ sentAt }: MessageRow, at: Date): Date | null {
  const age = at.getTime() - (sentAt ?? at).getTime();
  return age > LONGEST_SILENCE_MS ? null : new Date(at.getTime() + Math.max(5 * 60_000, age / 4));
}
