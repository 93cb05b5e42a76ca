import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import type { TemplateContent } from '../../src/templates/template-content.js';
import { fromYaml, toYaml } from '../../src/templates/template-file.js';

const REMINDER: TemplateContent = {
  name: 'Reminder',
  category: 'UTILITY',
  topic: 'visits',
  channels: ['SMS', 'WHATSAPP'],
  translations: [
    {
      language: 'en',
      channel: null,
      subject: null,
      body: 'Clinic: {{ name }}\nsee you {{ at | date: "long" }}.',
      mediaUrls: [],
      providerRefs: {},
    },
    {
      language: 'ar',
      channel: 'WHATSAPP',
      subject: 'موعد',
      body: 'العيادة: {{ name }}',
      mediaUrls: ['https://example.com/a.png'],
      providerRefs: { whatsapp: { template: 'reminder', parameters: ['name'] } },
    },
  ],
};

const faultOf = (text: string): string => {
  try {
    fromYaml('r.yaml', text);
    return 'none';
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
};

describe('a template as YAML', () => {
  test('is read by people: texts as blocks, and nothing that is empty', () => {
    expect(toYaml('reminder', REMINDER)).toBe(`code: reminder
name: Reminder
category: UTILITY
topic: visits
channels:
  - SMS
  - WHATSAPP
translations:
  - language: en
    body: |-
      Clinic: {{ name }}
      see you {{ at | date: "long" }}.
  - language: ar
    channel: WHATSAPP
    subject: موعد
    body: "العيادة: {{ name }}"
    mediaUrls:
      - https://example.com/a.png
    providerRefs:
      whatsapp:
        template: reminder
        parameters:
          - name
`);
  });

  test('says the same when it is read back', () => {
    const [file] = fromYaml('r.yaml', toYaml('reminder', REMINDER));
    expect(file?.draft).toEqual({ code: 'reminder', ...REMINDER });
  });

  test('says the same whatever its texts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 20 }), (body, subject) => {
        const [first] = REMINDER.translations;
        const content = { ...REMINDER, translations: [{ ...first!, body: body.toWellFormed(), subject: subject.toWellFormed() }] };
        expect(fromYaml('r.yaml', toYaml('reminder', content))[0]?.draft.translations).toEqual(content.translations);
      }),
      { numRuns: 300 },
    );
  });

  test('may stand with others in one file', () => {
    const both = [toYaml('one', REMINDER), toYaml('two', REMINDER)].join('---\n');
    expect(fromYaml('r.yaml', both).map(({ draft }) => draft.code)).toEqual(['one', 'two']);
  });

  test.each([
    ['no YAML', 'code: [a', /^r\.yaml:1: /],
    ['a word that there is not', toYaml('reminder', REMINDER).replace('UTILITY', 'NEWS'), /^r\.yaml:3: category: /],
    ['a field that there is not', toYaml('reminder', REMINDER).replace('topic:', 'topics:'), /^r\.yaml:1: .*topics/],
    [
      'a text that is no text',
      toYaml('reminder', REMINDER).replace('"العيادة: {{ name }}"', '[1]'),
      /^r\.yaml:16: translations\.1\.body: /,
    ],
    ['a field twice', 'code: a\ncode: b\n', /^r\.yaml:2: /],
    ['nothing', '', /there is no template/],
    ['aliases', `${toYaml('reminder', REMINDER)}x: &a [1]\ny: *a\n`, /r\.yaml/],
  ])('with %s is refused with its line', (_what, text, message) => {
    expect(faultOf(text)).toMatch(message);
  });

  test('has its line found for what is wrong within a text', () => {
    const [file] = fromYaml('r.yaml', toYaml('reminder', REMINDER));
    expect(file?.complain({ message: 'Line 2: No such tag.', field: ['translations', '0', 'body'] })).toBe(
      'r.yaml:12: translations.0.body: No such tag.',
    );
    expect(file?.complain({ message: 'Too long.', field: ['name'] })).toBe('r.yaml:2: name: Too long.');
  });
});
