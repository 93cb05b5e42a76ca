import { Migration } from '@mikro-orm/migrations';

/** What people write to us, the questions that they answer, and what we answer by ourselves. */
export class Inbox extends Migration {
  override up(): void {
    // Names the address that the person last wrote from, which is where a reply goes.
    this.addSql('alter table conversations add column address_hash bytea');
    this.addSql(`create index conversations_state on conversations (tenant_id, state, last_activity_at, id)`);
    this.addSql(`create index conversations_unread on conversations (tenant_id, last_activity_at, id) where unread_count > 0`);

    this.addSql(`
      alter table inbound_messages
        add column text_hash bytea not null,
        add column language text,
        add column answer text not null default 'NONE' check (answer in ('NONE', 'SENT', 'BY_PROVIDER', 'ALREADY_SENT', 'HELD_BACK')),
        add column provider_blocked boolean not null default false,
        add column review text check (review in ('NEEDED', 'OPT_OUT', 'NO_OPT_OUT')),
        add column question_id uuid`);
    this.addSql(`comment on column inbound_messages.text_hash is 'keyed hash of the words, to recognise the same text again'`);
    this.addSql('create index inbound_messages_from on inbound_messages (tenant_id, from_hash, id)');
    this.addSql(`create index inbound_messages_review on inbound_messages (tenant_id, id) where review = 'NEEDED'`);

    this.addSql(`
      create table answer_windows (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        address_hash bytea not null,
        channel text not null,
        subject text not null,
        opens_at timestamptz(3) not null,
        closes_at timestamptz(3) not null,
        answered_at timestamptz(3)
      )`);
    this.addSql('create index answer_windows_open on answer_windows (tenant_id, address_hash, channel) where answered_at is null');

    // Passes the person's STOP once: it tells that it was understood.
    this.addSql('alter table messages add column confirms_opt_out boolean');
  }
}
