import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { templateCommands } from '../../src/cli/commands/template.js';
import { LIBRARY } from '../../src/templates/library/library.js';
import { commandLine } from '../support/command-line.js';
import { rowsOf } from '../support/stored.js';
import { saved, TEMPLATE } from '../support/templates.js';
import type { TestTenant } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let app: TestApp;
let clinic: TestTenant;
let directory: string;
beforeAll(async () => {
  app = await startTestApp({ ROLES: 'api' });
  clinic = await app.withTenant('clinic');
});
afterAll(() => app.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'templates-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const heliograph = commandLine([templateCommands], () => app.env);
const run = (...args: string[]) => heliograph('template', ...args);

const versions = () =>
  rowsOf(app, 'select template_id, version, published_at is not null as published from template_versions order by 1, 2');
const file = async (text: string): Promise<string> => {
  const path = join(directory, 'one.yaml');
  await writeFile(path, text);
  return path;
};
const visit = (body: string, code = 'visit'): string =>
  `code: ${code}\nname: Visit\ncategory: UTILITY\nchannels:\n  - SMS\ntranslations:\n  - language: en\n    body: ${JSON.stringify(body)}\n`;

describe('template export', () => {
  test('writes a file for each, which say the same when they are imported: nothing changes', async () => {
    const before = await versions();
    const { err } = await run('export', directory, '--tenant', 'clinic');
    expect(err).toBe(`${LIBRARY.length} templates are in ${directory}.\n`);
    expect(await readdir(directory)).toEqual(LIBRARY.map(({ code }) => `${code}.yaml`).toSorted());
    const { out } = await run('import', directory, '--tenant', 'clinic', '--publish');
    expect(out.trim().split('\n')).toEqual(LIBRARY.map(({ code }) => `${code}: unchanged, published`).toSorted());
    expect(await versions()).toEqual(before);
  });

  test('writes into one file, which carries the templates to another tenant as they are', async () => {
    await saved(clinic.admin, { code: 'own_words', topic: 'own', body: 'clinic: {{ name }}\n\n  indented ', publish: true });
    const [from, to] = [join(directory, 'from.yaml'), join(directory, 'to.yaml')];
    await run('export', from, '--tenant', 'clinic');
    await app.withTenant('branch');
    expect((await run('import', from, '--tenant', 'branch', '--publish')).out).toContain('own_words: new, version 1, published');
    await run('export', to, '--tenant', 'branch');
    expect(await readFile(to, 'utf8')).toBe(await readFile(from, 'utf8'));
  });

  test.each([
    ['as drafts', []],
    ['to be published', ['--publish']],
  ])('writes what is published, which leaves a newer draft the newest when it is imported %s', async (_how, options) => {
    const tenant = `drafting${options.length}`;
    const { admin } = await app.withTenant(tenant);
    await saved(admin, { code: 'visit', body: `${tenant}: one`, publish: true });
    await saved(admin, { code: 'visit', body: `${tenant}: two` });
    const before = await versions();
    await run('export', directory, '--tenant', tenant);
    const { out } = await run('import', directory, '--tenant', tenant, ...options);
    expect(out.trim().split('\n')).toContain('visit: unchanged, published');
    expect(await versions()).toEqual(before);
    const { template } = await admin.query(TEMPLATE, { code: 'visit' });
    expect(template).toMatchObject({ published: { version: 1 }, versions: [{ version: 2 }, { version: 1 }] });
  });

  test('says in one sentence why it cannot write there', async () => {
    const path = await file('');
    expect(await run('export', join(path, 'below'))).toEqual({ out: '', err: `${path}/below lies below a file (ENOTDIR).\n`, code: 1 });
    expect(await run('export', join(directory, 'no/one.yaml'))).toMatchObject({ err: expect.stringContaining('does not exist (ENOENT).') });
  });
});

describe('template import', () => {
  test('makes drafts, and new versions of what has changed', async () => {
    expect((await run('import', await file(visit('Demo: one')))).out).toBe('visit: new, version 1\n');
    expect((await run('import', await file(visit('Demo: two')))).out).toBe('visit: changed, version 2\n');
    expect((await app.api.query(TEMPLATE, { code: 'visit' })).template).toMatchObject({
      state: 'DRAFT',
      versions: [{ version: 2 }, { version: 1 }],
    });
  });

  test('says in a dry run what it would do, and does nothing', async () => {
    const before = await versions();
    const { out, err } = await run('import', await file(visit('Demo: dry', 'dry')), '--publish', '--dry-run');
    expect([out, err]).toEqual(['dry: new, version 1, published\n', '1 templates would be imported: nothing was stored.\n']);
    expect(await versions()).toEqual(before);
  });

  test('does nothing when anything is wrong, and names file and line of all that is', async () => {
    const before = await versions();
    const texts = [visit('Demo: fine', 'fine'), visit('Demo: {% if a %}', 'open'), visit('Demo: {{ a | json }}', 'filter')];
    const path = await file(texts.join('---\n'));
    const { err, code } = await run('import', path);
    expect(code).toBe(1);
    const [first, second] = err.trim().split('\n');
    expect(first).toMatch(new RegExp(`^${path}:17: translations.0.body: .*not closed`));
    expect(second).toMatch(new RegExp(`^${path}:26: translations.0.body: .*filter`));
    expect(await versions()).toEqual(before);
  });

  test('does nothing, and says so in a dry run too, when there are too many for the tenant only together', async () => {
    await app.withTenant('full');
    await rowsOf(
      app,
      `insert into templates (id, tenant_id, code, name, category, channels, state, last_version)
       select gen_random_uuid(), t.id, 'filler_' || n, 'Filler', 'UTILITY', '{SMS}', 'DRAFT', 0
       from tenants t, generate_series(1, ${998 - LIBRARY.length}) n where t.slug = 'full'`,
    );
    const before = await versions();
    const path = await file(['d', 'c', 'b', 'a'].map((name) => visit('Demo: one of many', `many_${name}`)).join('---\n'));
    for (const how of [['--dry-run'], ['--publish']]) {
      const { err, code } = await run('import', path, '--tenant', 'full', ...how);
      expect([code, err]).toEqual([1, expect.stringMatching(/one\.yaml:1: code: At most 1000 .*\n.*one\.yaml:10: code: At most/)]);
    }
    expect(await versions()).toEqual(before);
    expect(await rowsOf(app, `select code from templates where starts_with(code, 'many_')`)).toEqual([]);
  });

  test('names a file that there is not, in one sentence', async () => {
    expect(await run('import', '/no/such')).toEqual({ out: '', err: '/no/such does not exist (ENOENT).\n', code: 1 });
  });

  test('publishes nothing that the linter refuses', async () => {
    const { err, code } = await run('import', await file(visit('Demo: your HIV test is positive', 'private')), '--publish');
    expect(code).toBe(1);
    expect(err).toMatch(/one\.yaml:8: translations\.0\.body: .*HIV/);
    expect((await app.api.query(TEMPLATE, { code: 'private' })).template).toBeNull();
  });

  test('names the text of the channel that the linter refuses, and not another in its language', async () => {
    const ofChannels = visit('Demo: fine', 'of_channels').replace('- SMS', '- SMS\n  - WHATSAPP\n  - EMAIL');
    const text = `${ofChannels}  - language: en
    channel: WHATSAPP
    body: "Demo: your HIV test is positive"
  - language: en
    channel: EMAIL
    body: "Demo: {{ diagnosis }}"
`;
    const { err, code } = await run('import', await file(text), '--publish');
    expect(code).toBe(1);
    const places = new Set(err.match(/(?<=one\.yaml:\d+: )translations\.\d/g));
    expect(places).toEqual(new Set(['translations.1', 'translations.2']));
    expect((await app.api.query(TEMPLATE, { code: 'of_channels' })).template).toBeNull();
  });

  test('knows a tenant that there is not, and a code that stands twice', async () => {
    expect((await run('import', await file(visit('Demo: a')), '--tenant', 'nobody')).err).toContain('There is no tenant "nobody"');
    expect((await run('import', await file([visit('Demo: a'), visit('Demo: b')].join('---\n')))).err).toMatch(
      /one\.yaml:10: code: There is another/,
    );
  });
});

test('template install-library adds what a tenant lacks', async () => {
  expect((await run('install-library')).err).toBe('0 templates were added.\n');
  await rowsOf(app, 'update tenants set template_library = null');
  expect((await run('install-library', '--tenant', 'clinic')).err).toBe('0 templates were added.\n');
});
