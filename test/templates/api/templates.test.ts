import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ARCHIVE, ENABLE, PUBLISH, SAVE, saved, TEMPLATE, TEMPLATES } from '../../support/templates.js';
import type { TestTenant } from '../../support/tenants.js';

let run: TestApp;
let clinic: TestTenant;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  clinic = await run.withTenant('clinic');
});
afterAll(() => run.stop());

const read = async (code: string): Promise<any> => (await clinic.viewer.query(TEMPLATE, { code })).template;
const stored = () =>
  rowsOf(run, `select (select count(*) from templates) as templates, (select count(*) from template_versions) as versions`);

describe('saveTemplate', () => {
  test('makes a draft, which nothing sends yet', async () => {
    const template = await saved(clinic.operator, {
      code: 'visit_booked',
      body: 'Noor Clinic: {{ name }}, see you {{ startsAt | date }}.',
    });
    expect(template).toMatchObject({ code: 'visit_booked', name: 'Visit booked', category: 'UTILITY', channels: ['SMS'] });
    expect(template).toMatchObject({ state: 'DRAFT', enabled: true, published: null });
    expect(template.versions).toMatchObject([
      { version: 1, variables: ['name', 'startsAt'], createdBy: 'clinic operator', publishedAt: null },
    ]);
  });

  test('makes a version of every change, and none of none', async () => {
    await saved(clinic.operator, { code: 'changing', body: 'Noor Clinic: one' });
    await saved(clinic.operator, { code: 'changing', body: 'Noor Clinic: two' });
    const template = await saved(clinic.operator, { code: 'changing', body: 'Noor Clinic: two' });
    expect(template.versions.map((one: any) => [one.version, one.translations[0].body])).toEqual([
      [2, 'Noor Clinic: two'],
      [1, 'Noor Clinic: one'],
    ]);
  });

  test('keeps what is left out, and takes away a topic by null', async () => {
    const input = { code: 'labelled', name: 'Labels', category: 'SERVICE', topic: 'visits', channels: ['SMS', 'EMAIL'] };
    await saved(clinic.operator, { ...input, body: 'Noor Clinic: one' });
    expect(await saved(clinic.operator, { code: 'labelled', body: 'Noor Clinic: two' })).toMatchObject(input);
    expect(await saved(clinic.operator, { code: 'labelled', topic: null, body: 'Noor Clinic: 3' })).toMatchObject({
      ...input,
      topic: null,
    });
  });

  test('publishes at once where it is asked to', async () => {
    const template = await saved(clinic.operator, { code: 'at_once', body: 'Noor Clinic: hello', publish: true });
    expect(template).toMatchObject({ state: 'PUBLISHED', published: { version: 1, publishedAt: expect.any(String) } });
  });

  test('leaves in force what is published, its labels too, until the next version is', async () => {
    await saved(clinic.operator, { code: 'in_force', topic: 'old', body: 'Noor Clinic: old', publish: true });
    const draft = await saved(clinic.operator, { code: 'in_force', topic: 'new', body: 'Noor Clinic: new' });
    expect(draft).toMatchObject({ topic: 'old', state: 'PUBLISHED', published: { version: 1 } });
    await clinic.operator.mutate(PUBLISH, { code: 'in_force', version: 2 });
    expect(await read('in_force')).toMatchObject({ topic: 'new', published: { version: 2 } });
  });

  test.each<[string, object, string, string[]]>([
    ['a bad code', { code: 'Bad Code' }, 'INVALID_INPUT', ['code']],
    ['no translation', { translations: [] }, 'INVALID_INPUT', ['translations']],
    ['an empty text', { body: '  ' }, 'INVALID_INPUT', ['translations', '0', 'body']],
    ['a text that is no Liquid', { body: 'Hello {{ name' }, 'TEMPLATE_INVALID', ['translations', '0', 'body']],
    ['a tag that there is not', { body: '{% include "x" %}' }, 'TEMPLATE_INVALID', ['translations', '0', 'body']],
    ['a filter that there is not', { body: '{{ name | json }}' }, 'TEMPLATE_INVALID', ['translations', '0', 'body']],
    [
      'a channel without a text',
      { channels: ['SMS', 'EMAIL'], translations: [{ language: 'en', channel: 'SMS', body: 'Hi' }] },
      'INVALID_INPUT',
      ['translations'],
    ],
    [
      'a language twice',
      {
        translations: [
          { language: 'en', body: 'Hi' },
          { language: 'en', body: 'Ho' },
        ],
      },
      'INVALID_INPUT',
      ['translations', '1', 'language'],
    ],
    [
      'a text for another channel',
      {
        translations: [
          { language: 'en', body: 'Hi' },
          { language: 'en', channel: 'EMAIL', body: 'Ho' },
        ],
      },
      'INVALID_INPUT',
      ['translations', '1', 'channel'],
    ],
    [
      'a ContentSid of another form',
      { translations: [{ language: 'en', body: 'Hi', providerRefs: { twilio: { contentSid: 'XX1' } } }] },
      'INVALID_INPUT',
      ['translations', '0', 'providerRefs', 'twilio', 'contentSid'],
    ],
    [
      'a provider that there is not',
      { translations: [{ language: 'en', body: 'Hi', providerRefs: { acme: {} } }] },
      'INVALID_INPUT',
      ['translations', '0', 'providerRefs'],
    ],
    ['U+0000', { body: 'a\0b' }, 'INVALID_INPUT', ['translations', '0', 'body']],
    [
      'media that cannot be fetched',
      { translations: [{ language: 'en', body: 'Hi', mediaUrls: ['ftp://x.test'] }] },
      'INVALID_INPUT',
      ['translations', '0', 'mediaUrls', '0'],
    ],
  ])('refuses %s, and stores nothing', async (_what, change, code, field) => {
    const before = await stored();
    const { body = 'Noor Clinic: hello', ...rest } = change as { body?: string };
    const input = { code: 'refused', translations: [{ language: 'en', body }], ...rest };
    const { saveTemplate } = await clinic.operator.mutate(SAVE, { input });
    expect(saveTemplate).toMatchObject({ template: null, userErrors: [{ code, field }] });
    expect(await stored()).toEqual(before);
  });

  test('says on which line the text is no Liquid', async () => {
    const input = { code: 'refused', translations: [{ language: 'en', body: 'Hello\n{% if name %}' }] };
    const { saveTemplate } = await clinic.operator.mutate(SAVE, { input });
    expect(saveTemplate.userErrors[0].message).toMatch(/^Line 2: Tag \{% if name %\} not closed/);
  });

  test.each([
    [
      'literal',
      'that are written into the query',
      `providerRefs: { twilio: { contentSid: "HX0123456789abcdef0123456789abcdef" } }`,
      'Noor Clinic',
    ],
    ['half_pair', 'with half a surrogate pair', '', 'Noor Clinic \ud83d'],
  ])('makes no version of the same words again (%s: %s)', async (code, _what, refs, body) => {
    const save = `mutation ($code: String!, $body: String!) { saveTemplate(input: { code: $code,
      translations: [{ language: "en", body: $body, ${refs} }] }) { template { versions { version } } } }`;
    await clinic.operator.mutate(save, { code, body });
    expect((await clinic.operator.mutate(save, { code, body })).saveTemplate.template.versions).toEqual([{ version: 1 }]);
  });

  test('keeps the newest 20 drafts, and every version that was published', async () => {
    await saved(clinic.operator, { code: 'many', body: 'Noor Clinic: 1', publish: true });
    for (let version = 2; version <= 25; version++) await saved(clinic.operator, { code: 'many', body: `Noor Clinic: ${version}` });
    const { versions } = await read('many');
    expect(versions.map(({ version }: any) => version)).toEqual([...Array.from({ length: 20 }, (_, index) => 25 - index), 1]);
  });
});

describe('publishTemplate', () => {
  test('rolls back to an older version', async () => {
    await saved(clinic.operator, { code: 'rolled', body: 'Noor Clinic: good', publish: true });
    await saved(clinic.operator, { code: 'rolled', body: 'Noor Clinic: bad', publish: true });
    const { publishTemplate } = await clinic.operator.mutate(PUBLISH, { code: 'rolled', version: 1 });
    expect(publishTemplate.template.published).toMatchObject({ version: 1, translations: [{ body: 'Noor Clinic: good' }] });
  });

  test('refuses health information, and leaves the draft a draft', async () => {
    const template = await saved(clinic.operator, { code: 'private', body: 'Noor Clinic: your HIV test is positive' });
    expect(template.versions[0].issues).toContainEqual(expect.objectContaining({ severity: 'ERROR', line: 1, language: 'en' }));
    const { publishTemplate } = await clinic.operator.mutate(PUBLISH, { code: 'private', version: 1 });
    expect(publishTemplate.template).toBeNull();
    expect(publishTemplate.userErrors[0]).toMatchObject({ code: 'PHI_DETECTED', field: ['version'] });
    expect(await read('private')).toMatchObject({ state: 'DRAFT', published: null });
  });

  const parameters = (...given: string[]): object => ({ providerRefs: { whatsapp: { template: 'visit', parameters: given } } });
  test.each([
    ['the body', { body: 'Noor Clinic: your HIV test is positive' }, 'body'],
    ['the subject', { subject: 'Your HIV test' }, 'subject'],
    ['a variable of the subject', { subject: 'For {{ diagnosis }}' }, 'subject'],
    ['a parameter', parameters('"HIV clinic"'), 'providerRefs'],
    ['a variable of a parameter', parameters('diagnosis'), 'providerRefs'],
  ])('refuses it in %s in a save that publishes, which stores nothing then', async (_what, part, field) => {
    const before = await stored();
    const translations = [{ language: 'en', body: 'Noor Clinic: hello', ...part }];
    const input = { code: 'private_too', translations, publish: true };
    const { saveTemplate } = await clinic.operator.mutate(SAVE, { input });
    expect(saveTemplate.userErrors[0]).toMatchObject({ code: 'PHI_DETECTED', field: ['translations', '0', field] });
    expect(await stored()).toEqual(before);
  });

  test('refuses it in what is given to the provider beside the text', async () => {
    const providerRefs = { twilio: { contentSid: `HX${'a'.repeat(32)}`, variables: ['name', '"HIV clinic"'] } };
    const translations = [{ language: 'en', body: 'Noor Clinic: see you, {{ name }}.', providerRefs }];
    const { saveTemplate } = await clinic.operator.mutate(SAVE, {
      input: { code: 'private_inside', channels: ['WHATSAPP'], translations },
    });
    expect(saveTemplate.userErrors).toEqual([]);
    const { publishTemplate } = await clinic.operator.mutate(PUBLISH, { code: 'private_inside', version: 1 });
    expect(publishTemplate.userErrors).toMatchObject([{ code: 'PHI_DETECTED', field: ['version'] }]);
  });

  test.each([
    ['no such template', 'nowhere', 1, ['code']],
    ['no such version', 'visit_booked', 99, ['version']],
  ])('knows %s', async (_what, code, version, field) => {
    const { publishTemplate } = await clinic.operator.mutate(PUBLISH, { code, version });
    expect(publishTemplate.userErrors).toMatchObject([{ code: 'NOT_FOUND', field }]);
  });
});

describe('a published version', () => {
  test.each([
    ['its text', `update template_versions set translations = '[]' where published_at is not null`],
    ['its labels', `update template_versions set category = 'MARKETING' where published_at is not null`],
    ['that it was published', `update template_versions set published_at = null where published_at is not null`],
    ['its being there', 'delete from template_versions where published_at is not null'],
  ])('cannot change by SQL either: %s', async (_what, statement) => {
    await saved(clinic.operator, { code: 'for_ever', body: 'Noor Clinic: for ever', publish: true });
    await expect(rowsOf(run, statement)).rejects.toThrow(/cannot change/);
    expect((await read('for_ever')).published.translations[0].body).toBe('Noor Clinic: for ever');
  });

  test('cannot go with all others', async () => {
    await expect(rowsOf(run, 'truncate template_versions')).rejects.toThrow(/append-only/);
  });
});

describe('templates', () => {
  const listed = async (variables: object): Promise<string[]> =>
    (await clinic.viewer.query(TEMPLATES, variables as never)).templates.map(({ code }: any) => code);

  test('are listed by code, found by a part of code or name, and by category and state', async () => {
    await saved(clinic.operator, { code: 'zz_list_b', name: 'Über uns', category: 'MARKETING', body: 'Noor Clinic: b' });
    await saved(clinic.operator, { code: 'zz_list_a', body: 'Noor Clinic: a', publish: true });
    expect(await listed({ search: 'ZZ_list' })).toEqual(['zz_list_a', 'zz_list_b']);
    expect(await listed({ search: 'über' })).toEqual(['zz_list_b']);
    expect(await listed({ search: 'zz_list', category: 'MARKETING' })).toEqual(['zz_list_b']);
    expect(await listed({ search: 'zz_list', state: 'PUBLISHED' })).toEqual(['zz_list_a']);
    expect(await listed({ search: '%' })).toEqual([]);
  });

  test('that are archived are out of the lists until a version is published again', async () => {
    await saved(clinic.operator, { code: 'old_one', body: 'Noor Clinic: old', publish: true });
    const { archiveTemplate } = await clinic.operator.mutate(ARCHIVE, { code: 'old_one' });
    expect(archiveTemplate.template).toMatchObject({ state: 'ARCHIVED', published: null });
    expect(await listed({ search: 'old_one' })).toEqual([]);
    expect(await listed({ state: 'ARCHIVED' })).toEqual(['old_one']);
    await clinic.operator.mutate(PUBLISH, { code: 'old_one', version: 1 });
    expect(await listed({ search: 'old_one' })).toEqual(['old_one']);
  });

  test('can be switched off and on', async () => {
    await saved(clinic.operator, { code: 'switched', body: 'Noor Clinic: on', publish: true });
    const { setTemplateEnabled } = await clinic.operator.mutate(ENABLE, { code: 'switched', enabled: false });
    expect(setTemplateEnabled.template).toMatchObject({ enabled: false, state: 'PUBLISHED' });
  });

  test('of another tenant are not there', async () => {
    const rival = await run.withTenant('rival');
    await saved(clinic.operator, { code: 'zz_mine', body: 'Noor Clinic: ours', publish: true });
    expect((await rival.admin.query(TEMPLATE, { code: 'zz_mine' })).template).toBeNull();
    expect((await rival.admin.query(TEMPLATES, { search: 'zz_mine' })).templates).toEqual([]);
    for (const [mutation, variables] of [
      [PUBLISH, { version: 1 }],
      [ENABLE, { enabled: false }],
      [ARCHIVE, {}],
    ] as const) {
      const [payload] = Object.values<any>(await rival.admin.mutate(mutation, { code: 'zz_mine', ...variables }));
      expect(payload.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    }
    expect(await read('zz_mine')).toMatchObject({ state: 'PUBLISHED', enabled: true });
  });

  test('are changed by operators alone', async () => {
    const input = { code: 'not_theirs', translations: [{ language: 'en', body: 'Noor Clinic: no' }] };
    for (const api of [clinic.sender, clinic.viewer]) expect((await api.execute(SAVE, { input })).code).toBe('FORBIDDEN');
    expect(await read('not_theirs')).toBeNull();
  });

  test('leave each change in the audit log', async () => {
    await saved(clinic.operator, { code: 'audited', body: 'Noor Clinic: a', publish: true });
    await clinic.operator.mutate(ENABLE, { code: 'audited', enabled: false });
    await clinic.operator.mutate(ARCHIVE, { code: 'audited' });
    const { auditLog } = await clinic.admin.query('{ auditLog(subject: "template:audited") { nodes { action actor detail } } }');
    expect(auditLog.nodes.map(({ action }: any) => action)).toEqual([
      'template.archived',
      'template.disabled',
      'template.published',
      'template.saved',
    ]);
    expect(auditLog.nodes[3]).toEqual({ action: 'template.saved', actor: 'clinic operator', detail: { version: 1 } });
  });
});
