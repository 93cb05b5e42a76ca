import { Migration } from '@mikro-orm/migrations';

/** What a tenant may spend in a day or a month of its own time zone. */
export class Budgets extends Migration {
  override up(): void {
    this.addSql(`
      create table budgets (
        tenant_id uuid not null references tenants (id),
        period text not null check (period in ('DAY', 'MONTH')),
        limit_amount numeric(18, 6) not null check (limit_amount >= 0),
        currency text not null,
        warn_at double precision not null check (warn_at >= 0 and warn_at <= 1),
        hard_stop boolean not null,
        updated_at timestamptz(3) not null default now(),
        primary key (tenant_id, period)
      )`);
  }
}
