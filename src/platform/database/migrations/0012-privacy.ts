import { Migration } from '@mikro-orm/migrations';

/** Keys that must outlive those of the settings, erasures under way, and what providers are still to be asked to forget. */
export class Privacy extends Migration {
  override up(): void {
    this.addSql(`
      create table keyring (
        name text primary key,
        sealed bytea not null,
        created_at timestamptz(3) not null default now()
      )`);

    // An erasure outlives the process that began it. The hashes and names that its rows are found by go when it is finished.
    this.addSql(`
      create table erasures (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        contact_id uuid references contacts (id),
        address_hashes bytea[],
        sealed bytea,
        requested_at timestamptz(3) not null,
        next_at timestamptz(3),
        messages integer not null default 0,
        inbound_messages integer not null default 0,
        finished_at timestamptz(3)
      )`);
    this.addSql('create index erasures_open on erasures (next_at) where finished_at is null');
    this.addSql('create index erasures_contact on erasures (tenant_id, contact_id)');

    // What providers are to be asked to forget.
    this.addSql(`
      create table redactions (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        provider text not null,
        provider_message_id text not null,
        state text not null default 'PENDING' check (state in ('PENDING', 'DONE', 'GIVEN_UP')),
        tries integer not null default 0,
        next_at timestamptz(3) not null,
        error text,
        requested_at timestamptz(3) not null,
        ended_at timestamptz(3),
        unique (provider, provider_message_id)
      )`);
    this.addSql(`create index redactions_due on redactions (next_at) where state = 'PENDING'`);

    this.addSql('create index audit_entries_subject on audit_entries (tenant_id, subject)');

    // Erased entries stay, as evidence that something came.
    this.addSql('alter table webhook_journal alter column sealed drop not null');
    this.addSql(`create index webhook_journal_incoming on webhook_journal (provider_message_id) where kind = 'INCOMING'`);
  }
}
