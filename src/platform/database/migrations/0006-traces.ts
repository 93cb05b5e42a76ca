import { Migration } from '@mikro-orm/migrations';

/** Where a message stands in its trace: no call stack reaches from the mutation to the worker and the receipt. */
export class Traces extends Migration {
  override up(): void {
    this.addSql('alter table messages add column trace text');
  }
}
