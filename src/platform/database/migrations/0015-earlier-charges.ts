import { Migration } from '@mikro-orm/migrations';

/** What calls have cost that another one has followed. Most messages have none, and pay nothing for it. */
export class EarlierCharges extends Migration {
  override up(): void {
    this.addSql('alter table messages add column earlier_charges jsonb');
  }
}
