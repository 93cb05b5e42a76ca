import { Migration } from '@mikro-orm/migrations';

/** Where a message stands in its conversation: by when it came, also where it was applied later. */
export class InboundPlaces extends Migration {
  override up(): void {
    this.addSql('alter table inbound_messages add column journal_id uuid');
    this.addSql(
      `comment on column inbound_messages.journal_id is 'its place among the entries of its conversation; null where a release before 0021 has written the row: then its id is'`,
    );
    this.addSql('create index inbound_messages_place on inbound_messages (conversation_id, (coalesce(journal_id, id)))');
  }
}
