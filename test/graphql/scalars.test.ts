import { GraphQLError, Kind, type GraphQLScalarType } from 'graphql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DateTime, Decimal, JSONObject, Locale, TimeZone } from '../../src/graphql/scalars.js';

const literal = (scalar: GraphQLScalarType, value: string): unknown => scalar.parseLiteral({ kind: Kind.STRING, value });

describe.each([
  {
    scalar: TimeZone,
    good: ['Asia/Riyadh', 'UTC', 'America/Argentina/Buenos_Aires'],
    bad: ['+03:00', 'Mars/Base', 'BST', '', 'GMT+25', 7, null],
  },
  {
    scalar: Locale,
    good: ['en', 'ar', 'hi-IN', 'zh-Hant-TW', 'sr-Latn-RS-u-ca-gregory-hc-h23-nu-latn'],
    bad: ['english!', '', 'e', `en-x${'-abcdefgh'.repeat(11)}`, 3, null],
  },
  { scalar: Decimal, good: ['0', '0.0083', '-12.5', '123456789012345678'], bad: ['', '1.', '.5', '1e3', 'NaN', '0.1.2', 0.1, null] },
])('$scalar.name', ({ scalar, good, bad }) => {
  test.each(good)('accepts %j', (value) => {
    expect(scalar.parseValue(value)).toBe(value);
    expect(literal(scalar, value)).toBe(value);
  });

  test.each(bad)('refuses %j without repeating it', (value) => {
    expect(() => scalar.parseValue(value)).toThrow(GraphQLError);
    expect(() => scalar.parseValue(value)).toThrow(/^Expected [^:]*\.$/);
  });
});

test('a locale is written in its canonical form', () => {
  expect(Locale.parseValue('HI-in')).toBe('hi-IN');
});

test('a language longer than any is refused before it is read, and one that is stored is answered', () => {
  const parts = Array.from({ length: 15_000 }, (_, index) => `v${index.toString(36).padStart(6, '0')}`);
  const language = `en-u-${parts.join('-')}`;
  const canonicalLocales = vi.spyOn(Intl, 'getCanonicalLocales');
  onTestFinished(() => canonicalLocales.mockRestore());
  expect(() => Locale.parseValue(language)).toThrow('Expected a BCP 47 language tag, e.g. en or hi-IN.');
  expect(() => literal(Locale, language)).toThrow(GraphQLError);
  expect(Locale.serialize(language)).toBe(language);
  expect(canonicalLocales).not.toHaveBeenCalled();
});

test('a time zone that is refused today is answered where it is stored', () => {
  expect(TimeZone.serialize('BST')).toBe('BST');
});

test.each([
  ['0.008300', '0.0083'],
  ['10.000000', '10'],
  ['100', '100'],
  ['0.000000', '0'],
])('the decimal %s is answered as %s', (stored, shown) => {
  expect(Decimal.serialize(stored)).toBe(shown);
});

test('a moment needs a time zone', () => {
  expect(DateTime.parseValue('2026-11-20T12:30:00+03:00')).toEqual(new Date('2026-11-20T09:30:00Z'));
  expect(() => DateTime.parseValue('2026-11-20T12:30:00')).toThrow(GraphQLError);
});

test('a moment is one of the years 1 to 9999', () => {
  for (const time of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) expect(literal(DateTime, time)).toEqual(new Date(time));
  for (const time of ['0000-12-31T23:59:59Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00']) {
    expect(() => DateTime.parseValue(time)).toThrow('Expected a moment of the years 1 to 9999 in UTC.');
    expect(() => literal(DateTime, time)).toThrow(GraphQLError);
  }
});

test('a JSON object has at most 20 levels', () => {
  const nested = (levels: number): object => Array.from({ length: levels }).reduce<object>((inner) => ({ a: inner }), {});
  expect(JSONObject.parseValue(nested(19))).toEqual(nested(19));
  expect(() => JSONObject.parseValue(nested(20))).toThrow('Expected a JSON object of at most 20 levels.');
  expect(() => JSONObject.parseValue({ a: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown })).toThrow('20 levels');
});
