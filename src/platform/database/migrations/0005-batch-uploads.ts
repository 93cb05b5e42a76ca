import { Migration } from '@mikro-orm/migrations';

export class BatchUploads extends Migration {
  override up(): void {
    // Recipients are still being read: a resumed batch then goes back to ACCEPTING instead of RUNNING.
    this.addSql('alter table batches add column uploading boolean not null default false');
    this.addSql(`create index batches_cancelling on batches (id) where status = 'CANCELLED' and completed_at is null`);

    // What a message is expected to cost, until its provider tells.
    this.addSql('alter table messages add column estimate_amount numeric(18, 6), add column estimate_currency text');

    // What a batch costs, kept like its counts.
    this.addSql(`
      create table batch_costs (
        batch_id uuid not null references batches (id),
        currency text not null,
        amount numeric(18, 6) not null,
        primary key (batch_id, currency)
      )`);
    this.addSql('create table batch_cost_deltas (batch_id uuid not null, currency text not null, amount numeric(18, 6) not null)');
    this.addSql('create index batch_cost_deltas_batch on batch_cost_deltas (batch_id)');

    // An upload belongs to one request at a time: the holder, until its lease ends.
    this.addSql(`
      create table batch_uploads (
        batch_id uuid primary key references batches (id),
        tenant_id uuid not null,
        resumable boolean not null,
        holder uuid not null,
        lease_until timestamptz(3) not null,
        recipients integer not null default 0,
        spent_amount numeric(18, 6),
        spent_currency text,
        ended_at timestamptz(3)
      )`);
    this.addSql('create index batch_uploads_open on batch_uploads (lease_until) where ended_at is null');

    // What was accepted together. The digest recognises the same recipients when the file is sent again; the rejections,
    // which hold numbers, are sealed.
    this.addSql(`
      create table batch_upload_chunks (
        batch_id uuid not null references batch_uploads (batch_id),
        last_recipient integer not null,
        last_line integer not null,
        digest bytea not null,
        rejections bytea,
        primary key (batch_id, last_recipient)
      )`);

    // The lock makes a pause wait for the claims that have seen the batch running, and later claims wait for the pause. In
    // one function, because a statement looks up the status before it waits for a lock, and each statement in here anew.
    this.addSql(`
      create function claimable_batch(batch uuid) returns text language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(hashtextextended(batch::text, 0));
        return (select status from batches where id = batch);
      end $$`);
  }
}
