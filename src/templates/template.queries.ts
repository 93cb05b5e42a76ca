import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type Transaction } from 'kysely';
import { toJsonb } from '../platform/database/jsonb.js';
import type { MessageCategory } from '../vocabulary.js';
import type { TemplateContent } from './template-content.js';
import type { TemplateRow, TemplateState, TemplateVersionRow } from './template.row.js';

type Db = Kysely<unknown>;

const columns = sql.raw(
  `t.id, t.tenant_id as "tenantId", t.code, t.name, t.category, t.topic, t.channels, t.state, t.enabled,
   t.published_version as "publishedVersion", t.last_version as "lastVersion"`,
);

const versionColumns = sql.raw(
  `v.template_id as "templateId", v.version, v.name, v.category, v.topic, v.channels, v.translations, v.variables,
   v.optional_variables as "optionalVariables", v.issues, v.created_at as "createdAt", v.created_by as "createdBy",
   v.published_at as "publishedAt"`,
);

export async function findTemplates(db: Db, tenantId: string, codes: readonly string[]): Promise<TemplateRow[]> {
  const { rows } = await sql<TemplateRow>`
    select ${columns} from templates t where t.tenant_id = ${tenantId} and t.code = any(${codes}::text[])`.execute(db);
  return rows;
}

/** Waits for others who change it, and makes them wait. */
export async function lockTemplate(tx: Transaction<unknown>, tenantId: string, code: string): Promise<TemplateRow | null> {
  const { rows } = await sql<TemplateRow>`
    select ${columns} from templates t where t.tenant_id = ${tenantId} and t.code = ${code} for update`.execute(tx);
  return rows[0] ?? null;
}

export interface TemplateFilter {
  state: TemplateState | null;
  category: MessageCategory | null;
  search: string | null;
}

/** By code; ARCHIVED ones only where they are asked for. */
export async function listTemplates(db: Db, tenantId: string, { state, category, search }: TemplateFilter): Promise<TemplateRow[]> {
  const { rows } = await sql<TemplateRow>`
    select ${columns} from templates t
    where t.tenant_id = ${tenantId} and (t.state = ${state} or (${state}::text is null and t.state <> 'ARCHIVED'))
      and (${category}::text is null or t.category = ${category})
      and (${search}::text is null or position(lower(${search}) in lower(t.code || ' ' || t.name)) > 0)
    order by t.code`.execute(db);
  return rows;
}

export async function countTemplates(db: Db, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from templates where tenant_id = ${tenantId}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Newest first, at most `limit` of each template. */
export async function versionsOf(db: Db, tenantId: string, ids: readonly string[], limit: number): Promise<TemplateVersionRow[]> {
  const { rows } = await sql<TemplateVersionRow>`
    select w.* from unnest(${ids}::uuid[]) as i (id)
    cross join lateral (
      select ${versionColumns} from template_versions v where v.template_id = i.id and v.tenant_id = ${tenantId}
      order by v.version desc limit ${limit}) w`.execute(db);
  return rows;
}

export async function publishedVersionsOf(db: Db, tenantId: string, ids: readonly string[]): Promise<TemplateVersionRow[]> {
  const { rows } = await sql<TemplateVersionRow>`
    select ${versionColumns} from templates t
    join template_versions v on v.template_id = t.id and v.version = t.published_version
    where t.tenant_id = ${tenantId} and t.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

export async function findVersion(db: Db, tenantId: string, templateId: string, version: number): Promise<TemplateVersionRow | null> {
  const { rows } = await sql<TemplateVersionRow>`
    select ${versionColumns} from template_versions v
    where v.template_id = ${templateId} and v.version = ${version} and v.tenant_id = ${tenantId}`.execute(db);
  return rows[0] ?? null;
}

/** False where the tenant has a template with this code already. */
export async function insertTemplate(tx: Transaction<unknown>, row: TemplateRow): Promise<boolean> {
  const { id, tenantId, code, name, category, topic, channels, state, enabled, publishedVersion, lastVersion } = row;
  const { numAffectedRows } = await sql`
    insert into templates (id, tenant_id, code, name, category, topic, channels, state, enabled, published_version, last_version)
    values (${id}, ${tenantId}, ${code}, ${name}, ${category}, ${topic}, ${channels}::text[], ${state}, ${enabled}, ${publishedVersion},
      ${lastVersion})
    on conflict (tenant_id, code) do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

/** With what is in force of its content, where `content` is given. */
export async function updateTemplate(tx: Transaction<unknown>, row: TemplateRow): Promise<void> {
  const { id, tenantId, name, category, topic, channels, state, enabled, publishedVersion, lastVersion } = row;
  await sql`
    update templates set name = ${name}, category = ${category}, topic = ${topic}, channels = ${channels}::text[], state = ${state},
      enabled = ${enabled}, published_version = ${publishedVersion}, last_version = ${lastVersion}, updated_at = now()
    where id = ${id} and tenant_id = ${tenantId}`.execute(tx);
}

export type NewVersion = Omit<TemplateVersionRow, 'createdAt' | 'publishedAt'> & { tenantId: string };

export async function insertVersion(tx: Transaction<unknown>, row: NewVersion): Promise<void> {
  await sql`
    insert into template_versions (template_id, version, tenant_id, name, category, topic, channels, translations, variables,
      optional_variables, issues, created_by)
    values (${row.templateId}, ${row.version}, ${row.tenantId}, ${row.name}, ${row.category}, ${row.topic}, ${row.channels}::text[],
      ${toJsonb(row.translations)}::jsonb, ${row.variables}::text[], ${row.optionalVariables}::text[],
      ${toJsonb(row.issues)}::jsonb, ${row.createdBy})`.execute(tx);
}

/** From now on it never changes. */
export async function sealVersion(tx: Transaction<unknown>, tenantId: string, templateId: string, version: number): Promise<void> {
  await sql`
    update template_versions set published_at = now()
    where template_id = ${templateId} and version = ${version} and tenant_id = ${tenantId} and published_at is null`.execute(tx);
}

/** Drafts pile up with every save; those that were never published go after a while. */
export async function dropOldDrafts(tx: Transaction<unknown>, { id, tenantId, lastVersion }: TemplateRow, kept: number): Promise<void> {
  await sql`
    delete from template_versions
    where template_id = ${id} and tenant_id = ${tenantId} and published_at is null and version <= ${lastVersion - kept}`.execute(tx);
}

export const contentOf = ({ name, category, topic, channels, translations }: TemplateContent): TemplateContent => ({
  name,
  category,
  topic,
  channels,
  translations,
});

/** Compared as it would come back: what is stored has no half surrogate pairs and no prototypes of its own. */
export const isStored = (version: TemplateContent, content: TemplateContent): boolean =>
  isDeepStrictEqual(contentOf(version), JSON.parse(toJsonb(contentOf(content))));
