import type { Transaction } from 'kysely';
import type { MessageAcceptance, StoredEvents } from '../messages/accept-messages.js';
import { acceptedAt } from '../messages/accepted-at.js';
import { NOWHERE } from '../messages/message-event.js';
import { laneOf } from '../messages/lane.js';
import type { Change } from '../messages/message-changes.js';
import { HINT_GRACE_MS } from '../messages/message-factory.js';
import { openContent, sealContent, type MessageContent } from '../messages/message-content.js';
import type { MessageRow } from '../messages/message.row.js';
import { UNSENT } from '../messages/unsent.js';
import { countSegments } from '../templates/segments.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import type { Channel } from '../vocabulary.js';

/** Messages that take over on their next channel, stored in the caller's transaction; announce them after its commit. */
export interface Takeovers {
  rows: MessageRow[];
  stored: StoredEvents;
}

export class Fallback {
  constructor(
    private readonly acceptance: MessageAcceptance,
    private readonly sealer: Sealer,
  ) {}

  /**
   * For each message that the changes leave FAILED and whose caller named further channels: a new message on the next one,
   * linked both ways. `changes` are amended in place, so that the link is written with them. The policy is asked when it
   * is claimed.
   */
  async takeOver(tx: Transaction<unknown>, changes: readonly Change[], now: Date): Promise<Takeovers> {
    const failing = new Set(changes.filter(({ set }) => set.status === 'FAILED').map(({ row }) => row.id));
    // A later change of the same message may have made it good again, and is the one that is written.
    const last = new Map(changes.filter(({ row }) => failing.has(row.id)).map((change) => [change.row.id, change]));
    const rows = [...last.values()].flatMap((change) => {
      const ended = { ...change.row, ...change.set };
      const successor = ended.status === 'FAILED' ? this.successor(ended, now) : null;
      if (!successor) return [];
      Object.assign(change.set, { fallbackId: successor.id, fallbackAt: null });
      return [successor];
    });
    const stored = rows.length > 0 ? await this.store(tx, rows) : { events: [], place: NOWHERE };
    return { rows, stored };
  }

  store(tx: Transaction<unknown>, rows: MessageRow[]): Promise<StoredEvents> {
    return this.acceptance.store(tx, { rows, checks: [], source: 'WORKER', actor: null });
  }

  async announce({ rows, stored }: Takeovers): Promise<void> {
    if (rows.length > 0) await this.acceptance.announce({ rows, checks: [], source: 'WORKER', actor: null }, stored);
  }

  /** Null where there is no further channel, one took over already, or the time is over. */
  successor(ended: MessageRow, now: Date): MessageRow | null {
    const [channel, ...further] = ended.fallbackChannels ?? [];
    if (!channel || ended.fallbackId || (ended.expiresAt && ended.expiresAt <= now)) return null;
    const before = this.contentOf(ended);
    if (before === null) return null;
    const { content, ...own } = this.textFor(channel, before, ended);
    const count = channel === 'SMS' && content.body ? countSegments(content.body) : null;
    const id = newId();
    return {
      ...ended,
      ...UNSENT,
      ...own,
      id,
      channel,
      lane: laneOf(ended.category, ended.batchId !== null),
      status: 'QUEUED',
      encoding: count?.encoding ?? null,
      segments: count?.segments ?? null,
      dueAt: now,
      hintAt: new Date(now.getTime() + HINT_GRACE_MS),
      fallbackChannels: further.length > 0 ? further : null,
      fallbackOf: ended.id,
      createdAt: acceptedAt(id, now),
      queuedAt: now,
    };
  }

  /** With what the row has to say otherwise, where a template has a text of its own for the channel. */
  private textFor(channel: Channel, before: MessageContent, { tenantId }: MessageRow): { content: MessageContent } & Partial<MessageRow> {
    const own = before.others?.[channel];
    if (!own) return { content: before };
    const { language, ...text } = own;
    const content = { ...text, to: before.to, from: before.from, others: before.others };
    return { content, language, sealed: sealContent(this.sealer, tenantId, content) };
  }

  /** Null when it cannot be opened: then it could not be sent either, and must not keep the failure from being written down. */
  private contentOf({ tenantId, sealed }: MessageRow): MessageContent | null {
    try {
      return sealed && openContent(this.sealer, tenantId, sealed);
    } catch (error) {
      if (error instanceof UnsealError) return null;
      throw error;
    }
  }
}
