import { expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import { checkContent, completeDraft } from '../../src/templates/template-draft.js';

const contentIn = (language: string) => {
  const translation = { language, channel: null, subject: null, body: 'Hello', mediaUrls: [], providerRefs: {} };
  return completeDraft({ code: 'greeting', translations: [translation] }, null);
};

// What `heliograph template import` reads from a file has passed no scalar of the API.
test.each(['not a language', `en-x${'-abcdefgh'.repeat(11)}`])('a translation into %j is refused', (language) => {
  const field = ['translations', '0', 'language'];
  const refused = expect.objectContaining({ reasons: [expect.objectContaining({ code: 'INVALID_INPUT', field })] });
  expect(() => checkContent('greeting', contentIn(language))).toThrow(Refusal);
  expect(() => checkContent('greeting', contentIn(language))).toThrow(refused);
});
