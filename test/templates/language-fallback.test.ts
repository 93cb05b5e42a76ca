import { describe, expect, test } from 'vitest';
import { languagesFor, pickTranslation } from '../../src/templates/language-fallback.js';
import type { Channel } from '../../src/vocabulary.js';

/** "ar", or "ar:SMS" for a text of one channel. */
const texts = (...names: string[]) =>
  names.map((name) => {
    const [language = '', channel] = name.split(':');
    return { name, language, channel: (channel ?? null) as Channel | null };
  });

const pick = (names: string[], wanted: string | null, tenant: string | null = null, channel: Channel = 'SMS'): string | undefined =>
  pickTranslation(texts(...names), channel, languagesFor(wanted, tenant))?.name;

test.each<[string | null, string | null, string[]]>([
  ['ar-SA', 'fr', ['ar-SA', 'ar', 'fr', 'en']],
  ['zh-Hant-TW', null, ['zh-Hant-TW', 'zh-Hant', 'zh', 'en']],
  ['ar-u-nu-arab', null, ['ar-u-nu-arab', 'ar', 'en']],
  ['en', 'en', ['en']],
  [null, 'pt-BR', ['pt-BR', 'pt', 'en']],
  [null, null, ['en']],
])('who reads %s, of a tenant of %s, is looked after in %s', (wanted, tenant, languages) => {
  expect(languagesFor(wanted, tenant)).toEqual(languages);
});

describe('of the translations', () => {
  test.each<[string[], string | null, string | null, string]>([
    [['en', 'ar', 'ar-SA'], 'ar-SA', null, 'ar-SA'],
    [['en', 'ar'], 'ar-SA', null, 'ar'],
    [['en', 'ar', 'fr'], 'hi', 'fr', 'fr'],
    [['en', 'ar', 'fr'], 'hi', null, 'en'],
    [['ar', 'fr'], 'hi', null, 'ar'],
    [['es', 'AR-sa'], 'ar-SA', null, 'AR-sa'],
  ])('%s, who reads %s of a tenant of %s gets %s', (names, wanted, tenant, name) => {
    expect(pick(names, wanted, tenant)).toBe(name);
  });

  test("the channel's own comes before the one for all, and the language before both", () => {
    expect(pick(['ar', 'ar:SMS'], 'ar')).toBe('ar:SMS');
    expect(pick(['ar', 'en:SMS'], 'ar')).toBe('ar');
    expect(pick(['ar:WHATSAPP', 'en'], 'ar')).toBe('en');
    expect(pick(['ar:WHATSAPP'], 'ar')).toBeUndefined();
  });

  test("where any language will do, it is the first that suits, and the channel's own text in it", () => {
    expect(pick(['fr', 'fr:SMS'], 'hi')).toBe('fr:SMS');
    expect(pick(['fr', 'AR:SMS', 'FR:SMS'], 'hi')).toBe('FR:SMS');
    expect(pick(['es:WHATSAPP', 'fr', 'ar:SMS'], 'hi')).toBe('fr');
  });
});
