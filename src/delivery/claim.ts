import { askPolicy, notable, type Verdict } from '../consent/policy-gate.js';
import { applyChanges, type Change, type EventNote } from '../messages/message-changes.js';
import { chargeKept } from '../messages/message-cost.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessageStatus } from '../messages/message-status.js';
import type { Database } from '../platform/database/database.js';
import type { ClaimFactReader, ClaimFacts } from './claim-facts.js';
import { lockDue } from './claim.queries.js';
import { NO_ERROR, type LastAsked } from './outcome.js';
import type { MessageProvider } from './provider.js';
import type { Route, Routing } from './routing.js';

/** Ours to send: written down as SENDING, with this provider, before anybody is asked. */
export interface Claimed {
  row: MessageRow;
  provider: MessageProvider;
  before: LastAsked;
}

const WAIT_MS = 60_000;
/** Whole campaigns may wait for a budget, and each look takes a claim. */
const BUDGET_WAIT_MS = 5 * 60_000;

export class Claims {
  constructor(
    private readonly db: Database,
    private readonly routing: Routing,
    private readonly publisher: MessagePublisher,
    private readonly facts: ClaimFactReader,
    private readonly settings: { leaseMs: number },
  ) {}

  /**
   * Takes those of the messages that may go out now. The gate is asked inside the transaction that claims, so what
   * forbids a send and committed before is honoured. Rows that are not due, or another worker's, are simply not returned.
   */
  async take(ids: readonly string[]): Promise<Claimed[]> {
    const taken = await this.db.transaction(async (tx) => {
      const now = new Date();
      const rows = await lockDue(tx, ids, now);
      if (rows.length === 0) return { news: [], claimed: [] };
      const known = await this.facts.read(tx, rows, now);
      // Not from the beginning: where a claim waits for seconds, nobody could send what it took before its lease is over.
      const leaseUntil = new Date(Date.now() + this.settings.leaseMs);
      const decisions = rows.map((row) => this.decide(row, known, { now, leaseUntil }));
      const applied = await applyChanges(
        tx,
        decisions.map(({ change }) => change),
      );
      const claimed = applied.rows.flatMap((row, index): Claimed[] => {
        const { change, provider } = decisions[index] ?? {};
        return change && provider ? [{ row, provider, before: change.row }] : [];
      });
      return { news: applied.news, claimed };
    });
    this.publisher.publish(taken.news);
    return taken.claimed;
  }

  private decide(
    row: MessageRow,
    known: ClaimFacts,
    { now, leaseUntil }: { now: Date; leaseUntil: Date },
  ): { change: Change; provider: MessageProvider | null } {
    const note: EventNote = { source: 'WORKER', at: now };
    const batch = known.batchOf(row);
    if (batch === 'PAUSED') return { change: { row, set: { hintAt: null }, note: null }, provider: null };
    if (batch === 'CANCELLED')
      return { change: ended(row, 'CANCELLED', { ...note, detail: { note: 'the batch was cancelled' } }), provider: null };
    if (row.maxAttempts === 0)
      return { change: ended(row, 'SUPPRESSED', { ...note, detail: { note: 'the person was erased' } }), provider: null };
    // Whoever queued it did not see that another channel took over.
    if (row.fallbackId)
      return {
        change: ended(row, 'FAILED', { ...note, detail: { note: 'another message stands in for it' } }, { failedAt: now }),
        provider: null,
      };
    if (known.isDelivered(row))
      return {
        change: ended(row, 'SUPPRESSED', note, { ...NO_ERROR, errorMessage: 'The message that it stands in for has been delivered.' }),
        provider: null,
      };
    const verdict = askPolicy(known.policyOf(row));
    if (verdict.decision !== 'SEND') return { change: heldBack(row, verdict, note), provider: null };
    const route = this.routing.choose(row, now.getTime());
    if (!route.provider) return { change: noProvider(row, route, now), provider: null };
    known.goesOut(row);
    return {
      change: claim(row, route.provider, leaseUntil, { ...note, detail: { checks: notable(verdict.checks), routing: route.steps } }),
      provider: route.provider,
    };
  }
}

function claim(row: MessageRow, provider: MessageProvider, leaseUntil: Date, note: EventNote): Change {
  const set: Partial<MessageRow> = {
    ...chargeKept(row),
    status: 'SENDING',
    provider: provider.name,
    // Those of an earlier attempt: a look-up by its id would answer for this one.
    providerMessageId: null,
    sentAt: null,
    attempts: row.attempts + 1,
    claims: row.claims + 1,
    askedAt: note.at,
    firstAskedAt: row.firstAskedAt ?? note.at,
    providerMs: null,
    leaseUntil,
    hintAt: null,
  };
  return { row, set, note: { ...note, attempt: row.attempts + 1, provider: provider.name } };
}

const ended = (row: MessageRow, status: MessageStatus, note: EventNote, why: Partial<MessageRow> = {}): Change => ({
  row,
  set: { ...why, status, hintAt: null },
  note,
});

function heldBack(row: MessageRow, { decision, checks, refusal, notBefore }: Verdict, note: EventNote): Change {
  const told = { ...note, detail: { checks: notable(checks) } };
  const why = { ...NO_ERROR, errorMessage: refusal?.message ?? null };
  if (decision === 'SUPPRESS') return ended(row, 'SUPPRESSED', told, why);
  if (decision === 'EXPIRE') return ended(row, 'EXPIRED', told, why);
  if (decision === 'DEFER' && notBefore) return deferred(row, notBefore, told, checks);
  return later(row, refusal?.rule === 'BUDGET' ? BUDGET_WAIT_MS : WAIT_MS, note.at, why);
}

/** Its time is another one now: the hours until then are no delay of ours, unless a provider was asked before. */
function deferred(row: MessageRow, notBefore: Date, note: EventNote, checks: Verdict['checks']): Change {
  const errorMessage = checks.find(({ rule }) => rule === 'QUIET_HOURS')?.detail ?? null;
  const scheduledFor = row.firstAskedAt ? row.scheduledFor : notBefore;
  return { row, set: { ...NO_ERROR, errorMessage, status: 'SCHEDULED', dueAt: notBefore, hintAt: notBefore, scheduledFor }, note };
}

/** No event: a long outage would write one for each message every few seconds, and say nothing new. The row says why it waits. */
const noProvider = (row: MessageRow, route: Route, now: Date): Change =>
  later(row, route.waitMs, now, {
    errorKind: 'PROVIDER_UNAVAILABLE',
    errorCode: null,
    errorRetryable: true,
    errorMessage:
      route.steps.length === 0 ? `No provider is set up for ${row.channel}.` : 'No provider of this channel is healthy just now.',
  });

function later(row: MessageRow, waitMs: number, now: Date, why: Partial<MessageRow>): Change {
  const dueAt = new Date(now.getTime() + waitMs);
  return { row, set: { ...why, dueAt, hintAt: dueAt }, note: null };
}
