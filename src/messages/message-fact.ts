import type { ErrorKind } from './delivery-error.js';
import type { Lane } from './lane.js';
import type { NewEvent } from './message-event.js';
import type { MessageRow } from './message.row.js';
import type { Channel, MessageCategory } from '../vocabulary.js';

/** A committed status change as it travels between processes: the event, and what subscriptions filter by. Nothing personal. */
export interface MessageFact {
  event: Omit<NewEvent, 'at' | 'detail'> & { at: string; horizon: string };
  message: {
    channel: Channel;
    category: MessageCategory;
    provider: string | null;
    topic: string | null;
    /** Hexadecimal. */
    toHash: string;
    contactId: string | null;
    batchId: string | null;
    reference: string | null;
    templateCode: string | null;
    errorKind: ErrorKind | null;
    createdAt: string;
    lane: Lane;
    dueAt: string;
    trace: string | null;
  };
}

export const factOf = (row: MessageRow, { detail: _untold, ...event }: NewEvent, horizon: string): MessageFact => ({
  event: { ...event, at: event.at.toISOString(), horizon },
  message: {
    channel: row.channel,
    category: row.category,
    provider: row.provider,
    topic: row.topic,
    toHash: row.toHash.toString('hex'),
    contactId: row.contactId,
    batchId: row.batchId,
    reference: row.reference,
    templateCode: row.templateCode,
    errorKind: row.errorKind,
    createdAt: row.createdAt.toISOString(),
    lane: row.lane,
    dueAt: row.dueAt.toISOString(),
    trace: row.trace,
  },
});
