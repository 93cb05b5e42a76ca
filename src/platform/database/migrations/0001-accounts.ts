import { Migration } from '@mikro-orm/migrations';

export class Accounts extends Migration {
  override up(): void {
    this.addSql(`
      create table tenants (
        id uuid primary key,
        slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
        name text not null,
        time_zone text not null default 'UTC',
        default_country text,
        currency text not null default 'USD',
        quiet_hours jsonb,
        messaging_enabled boolean not null default true,
        retention_days integer not null default 90 check (retention_days between 1 and 3650),
        implied_consent text[] not null default '{}',
        allowed_countries text[],
        frequency_caps jsonb not null default '[]',
        created_at timestamptz(3) not null default now()
      )`);
    this.addSql(`
      create table api_keys (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        name text not null,
        role text not null check (role in ('ADMIN', 'OPERATOR', 'SENDER', 'VIEWER')),
        prefix text not null,
        secret_hash bytea not null unique,
        created_at timestamptz(3) not null default now(),
        last_used_at timestamptz(3),
        expires_at timestamptz(3),
        revoked_at timestamptz(3)
      )`);
    this.addSql('create index api_keys_tenant on api_keys (tenant_id, id)');
    this.addSql(`
      create table audit_entries (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        at timestamptz(3) not null default now(),
        actor text not null,
        action text not null,
        subject text not null,
        detail jsonb not null default '{}',
        ip text,
        user_agent text
      )`);
    this.addSql('create index audit_entries_tenant on audit_entries (tenant_id, id desc)');
    // An audit trail that its own program can edit proves nothing.
    this.addSql(`
      create function refuse_change() returns trigger language plpgsql as $$
      begin raise exception '% is append-only', tg_table_name; end $$`);
    this.addSql(`
      create trigger audit_entries_append_only before update or delete or truncate on audit_entries
      for each statement execute function refuse_change()`);
  }
}
