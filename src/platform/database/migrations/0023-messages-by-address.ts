import { Migration } from '@mikro-orm/migrations';

/**
 * A contact's messages are found by their addresses: `messages.contact_id` was never filled, and nothing names it any more.
 * The release before still inserts null there, so the column stays until the next one.
 */
export class MessagesByAddress extends Migration {
  override up(): void {
    this.addSql('drop index messages_contact');
  }
}
