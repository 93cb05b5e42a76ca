import { Migration } from '@mikro-orm/migrations';

/** A STOP is the person's still when the address that it came from is somebody else's; and an address may have been theirs more than once. */
export class FormerOwners extends Migration {
  override up(): void {
    this.addSql(`alter table contacts add column stops text[] not null default '{}'`);
    this.addSql(
      `comment on column contacts.stops is 'channels on which the person said STOP, or the provider in their name, from whatever address, until START'`,
    );
    // Of an address that changed hands also for its next owner: who repeats a STOP has left no trace of it until here. But not where
    // the person has said START from another address since it was taken from them.
    this.addSql(`
      update contacts k set stops = t.channels from (
        select f.contact_id, array_agg(distinct s.channel) as channels from (
          select tenant_id, address_hash, contact_id, removed_at from former_addresses union all
          select tenant_id, address_hash, contact_id, 'infinity' from contact_identities) f
        join suppressions s on s.tenant_id = f.tenant_id and s.address_hash = f.address_hash and s.at <= f.removed_at
        where s.category = '*' and s.source in ('KEYWORD', 'PROVIDER') and not exists (
          select from consent_events e where e.contact_id = f.contact_id and e.channel = s.channel and e.at > f.removed_at
            and e.source in ('KEYWORD', 'PROVIDER') and e.to_state <> 'WITHDRAWN')
        group by f.contact_id) t
      where k.id = t.contact_id`);

    // Beside removed_at and not in the key: the release before inserts by that key while both run.
    this.addSql(`alter table former_addresses add column removed_before timestamptz(3)[] not null default '{}'`);
    this.addSql(
      `comment on column former_addresses.removed_before is 'when it was taken from the same person already, and came back to them'`,
    );
  }
}
