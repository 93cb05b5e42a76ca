import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { rowsOf } from '../platform/database/rows.js';
import { LIBRARY } from './library/library.js';
import type { LibraryTemplate } from './library/library-template.js';
import { checkContent } from './template-draft.js';

interface LibraryRow extends Omit<LibraryTemplate, 'sample'> {
  variables: string[];
  optionalVariables: string[];
}

const COLUMNS = {
  code: 'text',
  name: 'text',
  category: 'text',
  topic: 'text',
  channels: 'text[]',
  translations: 'jsonb',
  variables: 'text[]',
  optionalVariables: 'text[]',
} as const;

/** Changes when templates are added, so that a tenant which has them all is told at a glance. */
const EDITION = createHash('sha256')
  .update(LIBRARY.map(({ code }) => code).join(' '))
  .digest('hex')
  .slice(0, 16);

let rows: LibraryRow[] | null = null;

/** Reading all of it takes some hundredths of a second, which most starts can save. */
const libraryRows = (): LibraryRow[] =>
  (rows ??= LIBRARY.map(({ sample: _sample, ...template }) => {
    const { required, optional } = checkContent(template.code, template);
    return { ...template, variables: required, optionalVariables: optional };
  }));

/**
 * Gives the tenants (all, or one) those templates of the library that they do not have, published; what a tenant has is left as
 * it is, whatever was made of it. Returns how many were added. Safe from any number of processes at once.
 */
export async function installLibrary(db: Kysely<unknown>, tenantId: string | null = null): Promise<number> {
  const behind = sql`(${tenantId}::uuid is null or t.id = ${tenantId}::uuid) and t.template_library is distinct from ${EDITION}`;
  const { rows: waiting } = await sql`select 1 from tenants t where ${behind} limit 1`.execute(db);
  if (waiting.length === 0) return 0;
  const { rows: added } = await sql`
    with behind as (update tenants t set template_library = ${EDITION} where ${behind} returning t.id),
    library as (select * from ${rowsOf<LibraryRow>(COLUMNS, libraryRows(), 'l')}),
    added as (
      insert into templates (id, tenant_id, code, name, category, topic, channels, state, published_version, last_version)
      select gen_random_uuid(), b.id, l.code, l.name, l.category, l.topic, l.channels, 'PUBLISHED', 1, 1
      from behind b cross join library l
      on conflict (tenant_id, code) do nothing
      returning id, tenant_id, code)
    insert into template_versions (template_id, version, tenant_id, name, category, topic, channels, translations, variables,
      optional_variables, issues, published_at)
    select a.id, 1, a.tenant_id, l.name, l.category, l.topic, l.channels, l.translations, l.variables, l.optional_variables, '[]', now()
    from added a join library l on l.code = a.code
    returning 1`.execute(db);
  return added.length;
}
