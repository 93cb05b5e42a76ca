import { Migration } from '@mikro-orm/migrations';

/** Where receipts fail to come, most leases that are over are of messages that were sent: who looks for others must not read through those. */
export class LeasesByStatus extends Migration {
  override up(): void {
    this.addSql(`create index messages_lease_of_status on messages (status, lease_until)
      where status in ('SENDING', 'UNCONFIRMED', 'SENT') and lease_until is not null`);
    this.addSql('drop index messages_lease');
  }
}
