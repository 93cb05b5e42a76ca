import { Migration } from '@mikro-orm/migrations';

export class Templates extends Migration {
  override up(): void {
    // The edition of the shipped templates that the tenant has.
    this.addSql('alter table tenants add column default_language text, add column template_library text');

    // What a version fixes (name, category, topic, channels) stands here once more, as it is in force: that of the
    // published version, and of the newest one while none is published.
    this.addSql(`
      create table templates (
        id uuid primary key,
        tenant_id uuid not null references tenants (id),
        code text not null,
        name text not null,
        category text not null,
        topic text,
        channels text[] not null,
        state text not null check (state in ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
        enabled boolean not null default true,
        published_version integer,
        last_version integer not null,
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now(),
        unique (tenant_id, code),
        check ((state = 'PUBLISHED') = (published_version is not null))
      )`);
    this.addSql(`
      create table template_versions (
        template_id uuid not null references templates (id),
        version integer not null,
        tenant_id uuid not null,
        name text not null,
        category text not null,
        topic text,
        channels text[] not null,
        translations jsonb not null,
        variables text[] not null,
        optional_variables text[] not null,
        issues jsonb not null,
        created_at timestamptz(3) not null default now(),
        created_by text,
        published_at timestamptz(3),
        primary key (template_id, version)
      )`);

    // What people were sent must stay as it was: a version may be published once and then never changes or goes away.
    this.addSql(`
      create function keep_template_version() returns trigger language plpgsql as $$
      begin
        if old.published_at is null and (tg_op = 'DELETE' or to_jsonb(new) - 'published_at' = to_jsonb(old) - 'published_at') then
          return case tg_op when 'DELETE' then old else new end;
        end if;
        raise exception 'version % of template % cannot change', old.version, old.template_id using errcode = 'restrict_violation';
      end $$`);
    this.addSql(`
      create trigger template_versions_stay before update or delete on template_versions
      for each row execute function keep_template_version()`);
    this.addSql(`
      create trigger template_versions_not_truncated before truncate on template_versions
      for each statement execute function refuse_change()`);
  }
}
