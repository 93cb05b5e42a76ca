import { Migration } from '@mikro-orm/migrations';

/** How far each tenant's messages were deleted for their age, and when that goes on. */
export class Retention extends Migration {
  override up(): void {
    this.addSql(`
      create table retentions (
        tenant_id uuid primary key references tenants (id),
        next_at timestamptz(3) not null,
        kept_from timestamptz(3),
        messages bigint not null default 0,
        inbound_messages bigint not null default 0
      )`);
    this.addSql('create index retentions_next on retentions (next_at)');
    this.addSql(`comment on column retentions.kept_from is 'midnight UTC; what was accepted before is deleted, but for what still lives'`);
    this.addSql(`comment on column retentions.messages is 'deleted by the run under way; in the audit log when it ends'`);
  }
}
