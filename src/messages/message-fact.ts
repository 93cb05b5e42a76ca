import type { Lane } from './lane.js';
import type { EventPlace, NewEvent } from './message-event.js';
import type { MessageRow } from './message.row.js';
import type { Channel, MessageCategory } from '../vocabulary.js';

/** A committed status change as it travels between processes: the event, and what subscriptions filter by. Nothing personal. */
export interface MessageFact {
  event: Omit<NewEvent, 'at' | 'detail'> & EventPlace & { at: string };
  message: {
    channel: Channel;
    category: MessageCategory;
    topic: string | null;
    /** Hexadecimal. */
    toHash: string;
    batchId: string | null;
    reference: string | null;
    templateCode: string | null;
    createdAt: string;
    lane: Lane;
    dueAt: string;
    trace: string | null;
  };
}

/** A change as a subscriber gets it. */
export interface FeedItem {
  fact: MessageFact;
  /** Opaque; `after` continues behind it. */
  cursor: string;
}

/** What a fact tells of its message and of its event. */
export const FACT_COLUMNS = [
  'channel',
  'category',
  'topic',
  'toHash',
  'batchId',
  'reference',
  'templateCode',
  'createdAt',
  'lane',
  'dueAt',
  'trace',
] as const satisfies readonly (keyof MessageRow)[];
export type FactRow = Pick<MessageRow, (typeof FACT_COLUMNS)[number]>;
export type FactEvent = Omit<NewEvent, 'detail'>;

/** A committed change in the process that made it. A fact is written of it only where somebody listens. */
export interface MessageNews {
  row: FactRow;
  event: FactEvent;
  place: EventPlace;
}

/** Each property by its name: copies of the rest of an object take ten times as long, and each change passes here. */
export const factOf = ({ row, event, place: { horizon, xid } }: MessageNews): MessageFact => ({
  event: {
    id: event.id,
    messageId: event.messageId,
    tenantId: event.tenantId,
    status: event.status,
    previousStatus: event.previousStatus,
    applied: event.applied,
    source: event.source,
    at: event.at.toISOString(),
    attempt: event.attempt,
    provider: event.provider,
    errorKind: event.errorKind,
    errorCode: event.errorCode,
    errorMessage: event.errorMessage,
    errorRetryable: event.errorRetryable,
    actor: event.actor,
    horizon,
    xid,
  },
  message: {
    channel: row.channel,
    category: row.category,
    topic: row.topic,
    toHash: row.toHash.toString('hex'),
    batchId: row.batchId,
    reference: row.reference,
    templateCode: row.templateCode,
    createdAt: row.createdAt.toISOString(),
    lane: row.lane,
    dueAt: row.dueAt.toISOString(),
    trace: row.trace,
  },
});
