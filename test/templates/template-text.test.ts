import { describe, expect, test } from 'vitest';
import { TemplateFault } from '../../src/templates/template-fault.js';
import { ReadyTemplate } from '../../src/templates/ready-template.js';
import { TemplateText, type Variables } from '../../src/templates/template-text.js';
import type { TemplateTranslation } from '../../src/templates/template-content.js';

const READER = { timeZone: 'Asia/Riyadh', currency: 'SAR' };
const CONTENT = `HX${'a'.repeat(32)}`;

const textOf = (translation: Partial<TemplateTranslation>): TemplateText =>
  TemplateText.of({ language: 'en', channel: null, subject: null, body: 'Hi', mediaUrls: [], providerRefs: {}, ...translation });
const rendered = (translation: Partial<TemplateTranslation>, variables: Variables = {}) => textOf(translation).render(variables, READER);

describe('a translation', () => {
  test('asks for the variables of its text, its subject and its names at providers', () => {
    const providerRefs = {
      whatsapp: { template: 'visit', parameters: ['c | upcase'] },
      twilio: { contentSid: CONTENT, variables: { x: 'd' } },
    };
    const text = textOf({ body: '{{ a }}', subject: '{{ b }}', providerRefs });
    expect(text.variables.required.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(text.missing({ a: 1, b: null, c: '' })).toEqual(['b', 'd']);
  });

  test('takes nothing for given that objects only inherit', () => {
    expect(textOf({ body: '{{ toString }} {{ a.constructor }}' }).missing({ a: {} })).toEqual(['toString', 'a.constructor']);
  });

  test('fills in the parameters of its names, each in one line', () => {
    const refs = { twilio: { contentSid: CONTENT, variables: ['name', 'at | date'] }, dlt: { templateId: '1234567890' } };
    expect(rendered({ providerRefs: refs }, { name: 'Layla\n  Haddad', at: '2026-12-01' }).providerRefs).toEqual({
      twilio: { contentSid: CONTENT, variables: { 1: 'Layla Haddad', 2: 'December 1, 2026' } },
      dlt: { templateId: '1234567890', entityId: null },
    });
  });

  test('keeps its subject to one line, whatever the variables hold', () => {
    expect(rendered({ subject: 'For {{ name }}' }, { name: 'Layla\r\nBcc: all@example.com' }).subject).toBe(
      'For Layla Bcc: all@example.com',
    );
  });

  test('leaves out the space around it', () => {
    expect(rendered({ body: '\n{% if a %}A{% endif %}\nHi\n' }).body).toBe('Hi');
  });

  test('writes for the region of its reader, and for its own language where the reader has another', () => {
    const text = textOf({ body: '{{ at | date: "short" }}' });
    const variables = { at: '2026-12-31' };
    expect(text.render(variables, READER, ['en-GB']).body).toBe('31/12/2026');
    expect(text.render(variables, READER, ['fr']).body).toBe('12/31/26');
  });

  test.each([
    ['a reader of whom nothing is known', null, 'en-GB', 'en', '01/12/2026'],
    ['one who wants the language of no region', 'en', 'en-GB', 'en', '01/12/2026'],
    ['one who wants the language of another region', 'en-US', 'en-GB', 'en', '12/1/26'],
    ['one who reads another language than there is', 'hi', 'en-GB', 'en', '01/12/2026'],
    ['one who reads another language than the tenant', 'en', 'ar-SA', 'en', '12/1/26'],
    ['one who reads the only text', 'en', 'fr', 'en-GB', '01/12/2026'],
    ['one who wants Arabic digits', 'ar-u-nu-arab', 'ar-SA', 'ar', '١/١٢/٢٠٢٦'],
    ['one who reads Arabic', 'ar', 'ar-SA', 'ar', '1/12/2026'],
    ['one who reads Hindi', null, 'hi-IN', 'hi', '1/12/26'],
  ])('writes days as the region of %s does', (_whom, language, tenantLanguage, written, day) => {
    const translation = {
      language: written,
      channel: null,
      subject: null,
      body: '{{ d | date: "short" }}',
      mediaUrls: [],
      providerRefs: {},
    };
    const content = { category: 'UTILITY' as const, topic: null, channels: ['SMS' as const], translations: [translation] };
    const [text] = new ReadyTemplate('visit', 1, content).render(['SMS'], { d: '2026-12-01' }, { ...READER, language, tenantLanguage });
    expect(text?.body).toBe(day);
  });

  test.each([
    ['a parameter that is no expression', { providerRefs: { whatsapp: { template: 'visit', parameters: ['{{ a }}'] } } }, 'providerRefs'],
    [
      'a parameter with a filter that there is not',
      { providerRefs: { whatsapp: { template: 'visit', parameters: ['a | json'] } } },
      'providerRefs',
    ],
    ['a subject that is no Liquid', { subject: '{{ a' }, 'subject'],
    ['a body that is no Liquid', { body: '{% if %}' }, 'body'],
  ])('is refused for %s, which is named', (_what, translation, part) => {
    expect(() => textOf(translation)).toThrow(expect.objectContaining({ constructor: TemplateFault, part }));
  });
});
