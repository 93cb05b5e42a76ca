import { Migration } from '@mikro-orm/migrations';

/** The consents of a merged contact are gone, which told where its history ends. */
export class ChainEnds extends Migration {
  override up(): void {
    this.addSql('alter table contacts add column chain_end_hash bytea');
    this.addSql(
      `comment on column contacts.chain_end_hash is 'hash of the last consent event of a merged contact; null where it has none, or a release before 0022 has merged it'`,
    );
    this.addSql(`
      update contacts k set chain_end_hash = (
        select e.hash from consent_events e where e.contact_id = k.id order by e.sequence desc limit 1)
      where k.merged_into is not null`);
  }
}
