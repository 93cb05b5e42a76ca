import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { LIBRARY } from '../../src/templates/library/library.js';
import { lintTemplate } from '../../src/templates/lint/lint-template.js';
import { countSegments } from '../../src/templates/segments.js';
import { TemplateText } from '../../src/templates/template-text.js';
import { libraryPage } from '../support/library-page.js';

const CODES = LIBRARY.map(({ code }) => code);
const READER = { timeZone: 'Asia/Riyadh', currency: 'SAR' };
const ACCENTED = new Set(['en', 'es', 'fr']);

test('the library has every kind of message that a clinic or a shop sends', () => {
  expect(CODES.length).toBeGreaterThanOrEqual(42);
  expect(new Set(CODES).size).toBe(CODES.length);
  const appointments = ['confirmed', 'reminder_24h', 'reminder_2h', 'reminder_1h', 'follow_up', 'overdue', 'cancelled', 'rescheduled'];
  expect(CODES).toEqual(expect.arrayContaining(appointments.map((kind) => `appointment_${kind}`)));
  expect(CODES).toEqual(
    expect.arrayContaining(['one_time_code', 'results_ready', 'prescription_ready', 'clinic_closed', 'win_back', 'new_product']),
  );
  expect(CODES).toEqual(
    expect.arrayContaining(['payment_due', 'payment_received', 'payment_failed', 'quota_warning', 'account_created', 'new_sign_in']),
  );
  expect(CODES).toEqual(
    expect.arrayContaining(['subscription_expiring', 'subscription_renewed', 'subscription_paused', 'service_completed']),
  );
  expect(CODES).toEqual(expect.arrayContaining(['order_confirmed', 'order_delivered', 'order_delayed']));
  expect(CODES).toEqual(expect.arrayContaining(['opt_in_request', 'opt_in_confirmation', 'opt_out_confirmation', 'help_answer']));
});

describe.each(LIBRARY.map((template) => [template.code, template] as const))('%s', (_code, template) => {
  const texts = template.translations.map((translation) => TemplateText.of(translation));
  const rendered = texts.map((text) => text.render(template.sample, READER));

  test('speaks all five languages, with the same variables in each', () => {
    expect(texts.map(({ language }) => language)).toEqual(['en', 'ar', 'hi', 'es', 'fr']);
    const variables = texts.map((text) => text.variables.required.toSorted());
    expect(variables).toEqual(variables.map(() => variables[0]));
    expect(Object.keys(template.sample).toSorted()).toEqual(variables[0]);
  });

  test('is clean under the linter', () => {
    expect(lintTemplate({ ...template, variables: [...texts[0]!.variables.required] })).toEqual([]);
  });

  test('names its sender and leaves no variable open', () => {
    for (const { body } of rendered) {
      expect(body).toContain(template.sample.sender);
      expect(body).not.toMatch(/[{}]|undefined|\[object/);
    }
  });

  test('needs one segment in the languages that GSM-7 can write, and two at most in the others', () => {
    const longest = (language: string): number => (ACCENTED.has(language) ? 1 : 2);
    expect(rendered.filter(({ language, body }) => countSegments(body).segments > longest(language))).toEqual([]);
    expect(rendered.filter(({ language, body }) => ACCENTED.has(language) && countSegments(body).encoding !== 'GSM7')).toEqual([]);
  });
});

test('the page about the library is up to date (npx vitest run test/templates/library.test.ts -u writes it)', async () => {
  const page = await format(libraryPage(LIBRARY), { ...(await resolveConfig('docs/templates-library.md')), parser: 'markdown' });
  await expect(page).toMatchFileSnapshot('../../docs/templates-library.md');
});
