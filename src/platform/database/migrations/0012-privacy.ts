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
  }
}
