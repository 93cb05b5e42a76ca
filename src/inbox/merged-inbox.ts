import type { Transaction } from 'kysely';
import type { Merge, MergedRecords } from '../contacts/contact.ports.js';
import { mergeConversations } from './conversation.queries.js';
import type { InboxPublisher } from './inbox.ports.js';

/** Two contacts turn out to be one: so do their conversations. */
export class MergedInbox implements MergedRecords {
  constructor(private readonly publisher: InboxPublisher) {}

  async merge(tx: Transaction<unknown>, { tenantId, from, into }: Merge): Promise<() => void> {
    const merged = await mergeConversations(tx, tenantId, from, into);
    return () => merged.forEach(({ id, goneId }) => this.publisher.publish({ tenantId, conversationId: id, inboundId: null, goneId }));
  }
}
