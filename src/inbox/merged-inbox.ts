import type { Transaction } from 'kysely';
import type { Merge, MergedRecords } from '../contacts/contact.ports.js';
import { mergeConversations } from './conversation.queries.js';

/** Two contacts turn out to be one: so do their conversations. */
export class MergedInbox implements MergedRecords {
  async merge(tx: Transaction<unknown>, { tenantId, from, into }: Merge): Promise<() => void> {
    await mergeConversations(tx, tenantId, from, into);
    return () => undefined;
  }
}
