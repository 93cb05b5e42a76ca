import { describe, expect, test } from 'vitest';
import { normalised, problemsOf, type TenantChanges } from '../../src/accounts/tenant-settings.js';

const quiet = { start: '21:00', end: '08:00', categories: ['MARKETING' as const] };
const cap = { category: 'MARKETING' as const, max: 3, perSeconds: 86_400 };

const placesOf = (changes: TenantChanges): string[] => problemsOf(changes).map(({ field }) => field.join('.'));

describe('settings that are right', () => {
  test.each<TenantChanges>([
    {},
    { name: 'Clinic', timeZone: 'Asia/Riyadh', defaultCountry: 'SA', currency: 'SAR', retentionDays: 3650, messagingEnabled: false },
    { quietHours: quiet },
    { quietHours: null, defaultCountry: null, allowedCountries: null },
    { allowedCountries: ['SA', 'AE'], impliedConsent: ['UTILITY', 'SERVICE'] },
    { frequencyCaps: [cap, { ...cap, category: 'UTILITY' }] },
    { frequencyCaps: [], impliedConsent: [] },
  ])('%j', (changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });
});

describe('settings that are wrong, and where', () => {
  test.each<[TenantChanges, string[]]>([
    [{ name: ' ' }, ['name']],
    [{ name: 'x'.repeat(101) }, ['name']],
    [{ timeZone: 'Mars/Base' }, ['timeZone']],
    [{ timeZone: '+03:00' }, ['timeZone']],
    [{ timeZone: 'BST' }, ['timeZone']],
    [{ defaultCountry: 'XX' }, ['defaultCountry']],
    [{ defaultLanguage: 'not a language' }, ['defaultLanguage']],
    [{ currency: 'DOLLAR' }, ['currency']],
    [{ retentionDays: 0 }, ['retentionDays']],
    [{ retentionDays: 3651 }, ['retentionDays']],
    [{ impliedConsent: ['UTILITY', 'MARKETING'] }, ['impliedConsent']],
    [{ allowedCountries: ['SA', 'England'] }, ['allowedCountries.1']],
    [{ allowedCountries: ['SA', 'sa', 'XX'] }, ['allowedCountries.2']],
    [{ allowedCountries: [] }, ['allowedCountries']],
    [{ quietHours: { ...quiet, start: '9:00' } }, ['quietHours.start']],
    [{ quietHours: { ...quiet, end: '24:00' } }, ['quietHours.end']],
    [{ quietHours: { ...quiet, end: '21:00' } }, ['quietHours.end']],
    [{ quietHours: { ...quiet, categories: [] } }, ['quietHours.categories']],
    [{ quietHours: { ...quiet, categories: ['AUTHENTICATION'] } }, ['quietHours.categories']],
    [{ frequencyCaps: [{ ...cap, max: 0 }] }, ['frequencyCaps.0.max']],
    [{ frequencyCaps: [cap, { ...cap, perSeconds: 0 }] }, ['frequencyCaps.1.perSeconds', 'frequencyCaps.1.category']],
    [
      { name: null, timeZone: null, currency: null, messagingEnabled: null, retentionDays: null },
      ['name', 'timeZone', 'currency', 'messagingEnabled', 'retentionDays'],
    ],
  ])('%j', (changes, places) => {
    expect(placesOf(changes)).toEqual(places);
  });
});

test('too many countries or caps are refused once, not each', () => {
  expect(placesOf({ allowedCountries: Array<string>(301).fill('England') })).toEqual(['allowedCountries']);
  expect(placesOf({ frequencyCaps: Array.from({ length: 10 }, () => ({ ...cap, max: 0 })) })).toEqual(['frequencyCaps']);
});

test('codes are stored in capitals, names trimmed, nothing twice, emptied lists as empty', () => {
  expect(
    normalised({
      name: ' Clinic ',
      currency: 'sar',
      defaultCountry: 'sa',
      allowedCountries: ['sa', 'SA', 'ae'],
      impliedConsent: null,
      frequencyCaps: null,
    }),
  ).toEqual({
    name: 'Clinic',
    currency: 'SAR',
    defaultCountry: 'SA',
    allowedCountries: ['SA', 'AE'],
    impliedConsent: [],
    frequencyCaps: [],
  });
});

test('what is left out stays left out', () => {
  expect(normalised({ quietHours: null, name: undefined })).toEqual({ quietHours: null });
});
