import { Migration } from '@mikro-orm/migrations';

/** What was sent to an address until it was taken from a contact is that person's still, whoever has the address now. */
export class FormerAddresses extends Migration {
  override up(): void {
    this.addSql(`
      create table former_addresses (
        tenant_id uuid not null,
        address_hash bytea not null,
        contact_id uuid not null,
        removed_at timestamptz(3) not null,
        primary key (tenant_id, address_hash, contact_id)
      )`);
    this.addSql('create index former_addresses_contact on former_addresses (contact_id)');
  }
}
