import { Migration } from '@mikro-orm/migrations';

/** Messages that have a topic, or have failed, among those that have not. What has neither pays nothing. */
export class RareMessages extends Migration {
  override up(): void {
    this.addSql('create index messages_topic on messages (tenant_id, topic, id) where topic is not null');
    this.addSql('create index messages_error on messages (tenant_id, error_kind, id) where error_kind is not null');
  }
}
