import { expect, test } from 'vitest';
import { namedIn } from '../../src/privacy/named-in.js';

const NAMES = ['0199aa10-0000-7000-8000-000000000001', '+14155550133', 'sara+news@example.org', 'SA.13491208655302741918', '17'];
const isNamedIn = namedIn(NAMES, 'US');

test.each([
  '+14155550133 (Sara)',
  '+1 (415) 555-0133 ext 5',
  'Sara: 001 415.555.0133',
  '(415) 555-0133 mobile',
  '+14155550100 / +14155550133',
  '14155550100 14155550133',
  'هاتف ١٤١٥٥٥٥٠١٣٣',
  '\u202a+1\u00a0415\u00a0555\u00a00133\u202c home',
  'Sara <Sara+News@example.org>',
  'mailto:sara+news@example.org.',
  'whatsapp SA.13491208655302741918',
])('finds the person in %j', (text) => {
  expect(isNamedIn(text)).toBe(true);
});

test.each([
  '+914155550133',
  '+91 4155550133 (Ravi)',
  '0044 4155550133',
  '+1415555013',
  '+141555501339',
  '+1 415 555 01339 (Ravi)',
  '(415) 555-01339',
  '+١٤١٥٥٥٥٠١٣٣٩',
  '+1 415 55 0133',
  'asara+news@example.org',
  'news@example.org',
  'sara+news@example.org.uk',
  'SA.134912086553027419180',
  '17',
  'call 17',
  '',
])('finds nobody in %j', (text) => {
  expect(isNamedIn(text)).toBe(false);
});

test('abroad, a number is named with its country code', () => {
  expect(namedIn(NAMES, 'SA')('415 555 0133 mobile')).toBe(false);
  expect(namedIn(NAMES, null)('1 415 555 0133 mobile')).toBe(true);
});
