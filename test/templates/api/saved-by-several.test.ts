import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { SAVE, saved, TEMPLATE } from '../../support/templates.js';
import type { TestTenant } from '../../support/tenants.js';

let run: TestApp;
let clinic: TestTenant;
beforeAll(async () => {
  run = await startTestApp({ ROLES: 'api' });
  clinic = await run.withTenant('clinic');
});
afterAll(() => run.stop());

const read = async (code: string): Promise<any> => (await clinic.viewer.query(TEMPLATE, { code })).template;

describe('saveTemplate by several', () => {
  test('refuses to overwrite what somebody else has saved meanwhile', async () => {
    await saved(clinic.operator, { code: 'contested', body: 'Noor Clinic: first', expectedVersion: 0 });
    await saved(clinic.operator, { code: 'contested', body: 'Noor Clinic: second', expectedVersion: 1 });
    const input = { code: 'contested', translations: [{ language: 'en', body: 'Noor Clinic: late' }], expectedVersion: 1 };
    const { saveTemplate } = await clinic.operator.mutate(SAVE, { input });
    expect(saveTemplate).toMatchObject({ template: null, userErrors: [{ code: 'CONFLICT', field: ['expectedVersion'] }] });
    expect((await read('contested')).versions).toHaveLength(2);
  });

  test('makes one template of saves at once, and refuses none of them', async () => {
    const save = (body: string) =>
      clinic.operator.mutate(SAVE, { input: { code: 'first_saves', translations: [{ language: 'en', body: `Noor Clinic: ${body}` }] } });
    const all = await Promise.all(['a', 'b', 'c', 'd'].map(save));
    expect(all.flatMap(({ saveTemplate }) => saveTemplate.userErrors)).toEqual([]);
    const { versions } = await read('first_saves');
    expect(versions.map(({ translations }: any) => translations[0].body.at(-1)).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('of a new template refuses whoever expects none when another was quicker', async () => {
    const save = () =>
      clinic.operator.mutate(SAVE, {
        input: { code: 'expected_new', translations: [{ language: 'en', body: 'Noor Clinic: new' }], expectedVersion: 0 },
      });
    const all = await Promise.all([save(), save(), save()]);
    const refused = all.flatMap(({ saveTemplate }) => saveTemplate.userErrors);
    expect(refused).toMatchObject([1, 2].map(() => ({ code: 'CONFLICT', field: ['expectedVersion'] })));
    expect((await read('expected_new')).versions).toHaveLength(1);
  });
});
