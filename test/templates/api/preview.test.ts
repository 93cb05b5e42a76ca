import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { PREVIEW, saved } from '../../support/templates.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  const translations = [
    { language: 'en', subject: 'For {{ name }}', body: 'Demo: {{ name }}, see you {{ at | date }}.' },
    { language: 'ar', body: 'Demo: {{ name }}، نراك {{ at | date }}.' },
    { language: 'en', channel: 'SMS', body: 'Demo: {{ name }}!' },
  ];
  await saved(run.api, { code: 'visit', channels: ['SMS', 'WHATSAPP'], translations, publish: true });
});
afterAll(() => run.stop());

const preview = async (input: object): Promise<any> => (await run.api.query(PREVIEW, { input })).previewTemplate;

describe('previewTemplate', () => {
  test('shows a saved template as it would go out on the channel', async () => {
    const variables = { name: 'Layla', at: '2026-12-01' };
    const sms = await preview({ code: 'visit', variables });
    expect(sms).toMatchObject({ body: 'Demo: Layla!', subject: null, language: 'en', missingVariables: [], issues: [] });
    const whatsApp = await preview({ code: 'visit', channel: 'WHATSAPP', variables });
    expect(whatsApp).toMatchObject({ body: 'Demo: Layla, see you December 1, 2026.', subject: 'For Layla' });
  });

  test('names what is missing, and shows where', async () => {
    const { body, missingVariables } = await preview({ code: 'visit', channel: 'WHATSAPP', variables: { at: '2026-12-01' } });
    expect(missingVariables).toEqual(['name']);
    expect(body).toBe('Demo: [name], see you December 1, 2026.');
  });

  test('shows lists and parts that are missing', async () => {
    const body = 'Demo: {% for line in order.lines %}{{ line.name }} {% endfor %}{{ order.total | money }}';
    expect(await preview({ body })).toMatchObject({
      body: 'Demo: [order.lines[0].name] [order.total]',
      missingVariables: ['order.lines', 'order.total'],
    });
  });

  test.each([
    ['{{ total | divided_by: count | money }}', ['total', 'count'], '[total]'],
    ['{{ total | minus: paid | money }}', ['total', 'paid'], '[total]'],
    ['{{ 100 | minus: paid | money: currency }}', ['paid', 'currency'], '[paid]'],
    ['{{ 100 | money: currency }}', ['currency'], '[currency]'],
    ['{{ at | split: " " | first | date }}', ['at'], '[at]'],
    ['{{ total | round }} of {{ lines | size }}', ['total', 'lines'], '[total] of [lines]'],
    ['{% assign sorted = lines | sort %}{% for line in sorted %}{{ line.name }}{% endfor %}', ['lines'], '[lines[0].name]'],
  ])('shows what is missing where filters make something of it: %s', async (text, missingVariables, shown) => {
    const { issues, ...found } = await preview({ body: `Demo: ${text}` });
    expect(found).toMatchObject({ body: `Demo: ${shown}`, missingVariables });
    expect(issues.filter(({ severity }: any) => severity === 'ERROR')).toEqual([]);
  });

  test('prefers what is given to a default that is missing', async () => {
    const body = 'Demo: {{ name | default: nickname }} {{ other | default: nickname }}';
    expect(await preview({ body, variables: { name: 'Layla' } })).toMatchObject({ body: 'Demo: Layla [nickname]' });
  });

  test('names what is missing beside a value that is wrong', async () => {
    const { missingVariables, issues } = await preview({ body: 'Demo: {{ name }} {{ at | date }}', variables: { at: 'soon' } });
    expect(missingVariables).toEqual(['name']);
    expect(issues).toMatchObject([{ severity: 'ERROR', code: 'TEMPLATE_INVALID' }]);
  });

  test('counts the segments in every language', async () => {
    const { languages } = await preview({ code: 'visit', variables: { name: 'Layla', at: '2026-12-01' } });
    const counted = languages.map(({ language, text }: any) => [language, text.encoding, text.segments]);
    expect(counted).toEqual([
      ['en', 'GSM7', 1],
      ['ar', 'UCS2', 1],
    ]);
  });

  test('finds the worst of the samples', async () => {
    const samples = [{ name: 'Li' }, { name: 'L'.repeat(160) }, { name: 'Layla' }];
    const { worstCase } = await preview({ code: 'visit', samples });
    expect(worstCase).toMatchObject({ sample: 1, text: { segments: 2 } });
  });

  test("writes values for the region of the tenant's language", async () => {
    const { admin } = await run.withTenant('british');
    await admin.mutate('mutation { updateTenant(input: { defaultLanguage: "en-GB" }) { userErrors { code } } }');
    await saved(admin, { code: 'visit', body: 'Noor Clinic: {{ at | date: "short" }}' });
    const input = { code: 'visit', variables: { at: '2026-12-01' } };
    expect((await admin.query(PREVIEW, { input })).previewTemplate).toMatchObject({ body: 'Noor Clinic: 01/12/2026', language: 'en' });
  });

  test('shows a text that is still being written, in the language that it is in', async () => {
    const input = { body: 'Demo: {{ at | date }}', language: 'es', variables: { at: '2026-12-01' } };
    expect(await preview(input)).toMatchObject({ body: 'Demo: 1 de diciembre de 2026', language: 'es' });
  });

  test('says what is wrong with it, and on which line', async () => {
    expect(await preview({ body: 'Demo:\n{% if name %}' })).toMatchObject({
      body: '',
      issues: [{ severity: 'ERROR', code: 'TEMPLATE_INVALID', line: 2, language: 'en' }],
    });
    const { issues } = await preview({ body: 'Demo: hello\nyour HIV test is ready' });
    expect(issues[0]).toMatchObject({ severity: 'ERROR', code: 'PHI_HEALTH', line: 2 });
  });

  test('says of a text by WhatsApp what a save says that SMS has another for', async () => {
    const translations = [
      { language: 'en', body: '10 % off…' },
      { language: 'en', channel: 'SMS', body: 'Demo: 10 % off. Reply STOP to opt out.' },
    ];
    const offer = { code: 'offer_by_channel', category: 'MARKETING', channels: ['SMS', 'WHATSAPP'], translations };
    const { versions } = await saved(run.api, { ...offer, publish: true });
    const { issues } = await preview({ code: 'offer_by_channel', channel: 'WHATSAPP' });
    expect(issues).toMatchObject([{ severity: 'WARNING', code: 'OPT_OUT_MISSING' }]);
    expect(issues).toEqual(versions[0].issues);
  });

  test('stops a text that takes too long, and says so', async () => {
    const body = 'Demo: {% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}';
    const x = Array.from({ length: 2_000 }, () => 1);
    const { issues } = await preview({ body, variables: { x }, samples: Array.from({ length: 50 }, () => ({})) });
    expect(issues).toMatchObject([{ code: 'TEMPLATE_INVALID', message: expect.stringMatching(/too long/) }]);
  });

  test('knows the name of the sender', async () => {
    expect(await preview({ body: '{{ sender }}: hello' })).toMatchObject({ body: 'Demo: hello', missingVariables: [], issues: [] });
  });

  test.each([
    ['no such template', { code: 'nowhere' }, 'NOT_FOUND'],
    ['no such version', { code: 'visit', version: 9 }, 'NOT_FOUND'],
    ['neither template nor body', {}, 'BAD_USER_INPUT'],
    ['a channel without a text', { code: 'visit', channel: 'EMAIL', language: 'zz' }, null],
    ['a text that is too long', { body: 'x'.repeat(20_001) }, 'BAD_USER_INPUT'],
    ['too many samples', { code: 'visit', samples: Array.from({ length: 51 }, () => ({})) }, 'BAD_USER_INPUT'],
  ])('answers %s', async (_what, input, code) => {
    expect((await run.api.execute(PREVIEW, { input })).code ?? null).toBe(code);
  });

  test('of another tenant’s template finds nothing', async () => {
    const rival = await run.withTenant('rival');
    expect((await rival.admin.execute(PREVIEW, { input: { code: 'visit' } })).code).toBe('NOT_FOUND');
  });

  test('stores nothing', async () => {
    const count = () => rowsOf(run, 'select count(*) from template_versions');
    const before = await count();
    await preview({ code: 'new_one', body: 'Demo: hello' });
    expect(await count()).toEqual(before);
  });
});

describe('previews of the longest texts', () => {
  const input = { body: '{{a}}'.repeat(4_000) };
  const many = (count: number): string => {
    const previews = Array.from({ length: count }, (_, n) => `p${n}: previewTemplate(input: $input) { body }`);
    return `query ($input: PreviewTemplateInput!) { ${previews.join(' ')} }`;
  };

  test('leave the process time for others', async () => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    expect((await run.api.query(many(9), { input })).p8.body).toContain('[a]');
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(1_000);
  });

  test('are at most nine in an operation', async () => {
    expect((await run.api.execute(many(10), { input })).code).toBe('QUERY_TOO_COMPLEX');
  });
});
