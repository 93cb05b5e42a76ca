import { expect, test } from 'vitest';
import type { TemplateContent, TemplateTranslation } from '../../src/templates/template-content.js';
import { checkContent, completeDraft } from '../../src/templates/template-draft.js';
import { faultsOf } from '../support/faults-of.js';

const contentWith = (overrides: Partial<TemplateTranslation>) => {
  const translation = { language: 'en', channel: null, subject: null, body: 'Hello', mediaUrls: [], providerRefs: {}, ...overrides };
  return completeDraft({ code: 'greeting', translations: [translation] }, null);
};
const faults = (content: TemplateContent): string[] => faultsOf(() => checkContent('greeting', content));

// What `heliograph template import` reads from a file has passed no scalar of the API.
test.each(['not a language', `en-x${'-abcdefgh'.repeat(11)}`])('a translation into %j is refused', (language) => {
  expect(faults(contentWith({ language }))).toEqual(['INVALID_INPUT translations 0 language']);
});

test('a name with U+0000 is refused', () => {
  expect(faults({ ...contentWith({}), name: 'a\u0000b' })).toEqual(['INVALID_INPUT name']);
});

test('too many media are refused once, not each', () => {
  expect(faults(contentWith({ mediaUrls: Array<string>(1000).fill('b.png') }))).toEqual(['INVALID_INPUT translations 0 mediaUrls']);
});

test.each([
  ['half a surrogate pair', 'https://example.com/\ud83d'],
  ['U+0000', 'https://example.com/\u0000'],
  ['two thousand and more characters', `https://example.com/${'a'.repeat(2048)}`],
])('an address of media with %s is refused', (_what, url) => {
  const mediaUrls = ['https://example.com/a.png', url];
  expect(faults(contentWith({ mediaUrls }))).toEqual(['INVALID_INPUT translations 0 mediaUrls 1']);
});

test('a channel that is named many times is missed once', () => {
  const channels = ['SMS' as const, ...Array<'EMAIL'>(1000).fill('EMAIL')];
  const wrong = { ...contentWith({ channel: 'SMS' }), channels };
  expect(faults(wrong)).toEqual(['INVALID_INPUT channels', 'INVALID_INPUT translations']);
});
