import { expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import { checkContent, completeDraft } from '../../src/templates/template-draft.js';

const contentIn = (language: string) => {
  const translation = { language, channel: null, subject: null, body: 'Hello', mediaUrls: [], providerRefs: {} };
  return completeDraft({ code: 'greeting', translations: [translation] }, null);
};

function fieldsOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.reasons.map(({ field }) => field.join(' '));
  }
}

// What `heliograph template import` reads from a file has passed no scalar of the API.
test.each(['not a language', `en-x${'-abcdefgh'.repeat(11)}`])('a translation into %j is refused', (language) => {
  const field = ['translations', '0', 'language'];
  const refused = expect.objectContaining({ reasons: [expect.objectContaining({ code: 'INVALID_INPUT', field })] });
  expect(() => checkContent('greeting', contentIn(language))).toThrow(Refusal);
  expect(() => checkContent('greeting', contentIn(language))).toThrow(refused);
});

test('too many media are refused once, not each', () => {
  const { translations, ...content } = contentIn('en');
  const wrong = { ...content, translations: translations.map((one) => ({ ...one, mediaUrls: Array<string>(1000).fill('b.png') })) };
  expect(fieldsOf(() => checkContent('greeting', wrong))).toEqual(['translations 0 mediaUrls']);
});

test('a channel that is named many times is missed once', () => {
  const { translations, ...content } = contentIn('en');
  const forSms = translations.map((one) => ({ ...one, channel: 'SMS' as const }));
  const wrong = { ...content, channels: ['SMS' as const, ...Array<'EMAIL'>(1000).fill('EMAIL')], translations: forSms };
  expect(fieldsOf(() => checkContent('greeting', wrong))).toEqual(['channels', 'translations']);
});
