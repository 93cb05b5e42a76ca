import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installLibrary } from '../../src/templates/library-install.js';
import { LIBRARY } from '../../src/templates/library/library.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ARCHIVE, saved, TEMPLATE, TEMPLATES } from '../support/templates.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' }, pino({ level: 'silent' }));
});
afterAll(() => run.stop());

const CODES = LIBRARY.map(({ code }) => code).toSorted();
const forget = (): Promise<unknown> => rowsOf(run, 'update tenants set template_library = null');

describe('the shipped templates', () => {
  test('are there at the first start, published and enabled', async () => {
    const { templates } = await run.api.query(TEMPLATES, { state: 'PUBLISHED' });
    expect(templates.map(({ code }: any) => code)).toEqual(CODES);
    for (const { enabled, published } of templates) expect([enabled, published.version, published.createdBy]).toEqual([true, 1, null]);
  });

  test('are there in a tenant that is made', async () => {
    const clinic = await run.withTenant('clinic');
    const { templates } = await clinic.viewer.query(TEMPLATES);
    expect(templates.map(({ code }: any) => code)).toEqual(CODES);
  });

  test('cost a start nothing once they are there', async () => {
    expect(await installLibrary(run.app.core.db.sql)).toBe(0);
  });

  test('come back to a tenant that lacks some, and leave alone what was made of the others', async () => {
    await saved(run.api, { code: 'results_ready', body: 'Demo: our own words', publish: true });
    await run.api.mutate(ARCHIVE, { code: 'clinic_closed' });
    const rival = await run.withTenant('rival');
    await rowsOf(run, `alter table template_versions disable trigger user`);
    await rowsOf(
      run,
      `delete from template_versions v using templates t where t.id = v.template_id and t.code = 'win_back' and t.tenant_id = '${rival.id}'`,
    );
    await rowsOf(run, `delete from templates where code = 'win_back' and tenant_id = '${rival.id}'`);
    await rowsOf(run, `alter table template_versions enable trigger user`);
    await forget();
    expect(await installLibrary(run.app.core.db.sql)).toBe(1);
    expect((await rival.admin.query(TEMPLATE, { code: 'win_back' })).template).toMatchObject({ state: 'PUBLISHED' });
    const own = (await run.api.query(TEMPLATE, { code: 'results_ready' })).template;
    expect(own.published.translations).toMatchObject([{ body: 'Demo: our own words' }]);
    expect((await run.api.query(TEMPLATE, { code: 'clinic_closed' })).template.state).toBe('ARCHIVED');
  });

  test('are added once by several starts at the same moment', async () => {
    await forget();
    const added = await Promise.all(Array.from({ length: 4 }, () => installLibrary(run.app.core.db.sql)));
    expect(added).toEqual([0, 0, 0, 0]);
  });

  test('ask of a send what the page about them says', async () => {
    const { templates } = await run.api.query(TEMPLATES, { search: 'results_ready' });
    expect(templates[0].versions.at(-1)).toMatchObject({ variables: ['link'], optionalVariables: ['sender'] });
  });
});
