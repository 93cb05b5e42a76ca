import { describe, expect, test } from 'vitest';
import { parseText, renderText } from '../../src/templates/text-engine.js';

const AT = '2026-12-01T14:30:00Z';

const render = (source: string, language: string, variables: Record<string, unknown> = {}, timeZone = 'Asia/Riyadh'): string =>
  renderText(parseText(source), variables, { language, timeZone, currency: 'SAR' });

describe('dates and times', () => {
  test.each([
    ['en', 'December 1, 2026 at 5:30 PM'],
    ['ar', '1 ديسمبر 2026 at 5:30 م'],
    ['ar-SA', '1 ديسمبر 2026 at 5:30 م'],
    ['ar-u-nu-arab', '١ ديسمبر ٢٠٢٦ at ٥:٣٠ م'],
    ['hi', '1 दिसंबर 2026 at 5:30 pm'],
    ['es', '1 de diciembre de 2026 at 17:30'],
    ['fr', '1 décembre 2026 at 17:30'],
    ['en-GB', '1 December 2026 at 17:30'],
  ])('are written in %s as its readers write them', (language, text) => {
    expect(render('{{ at | date }} at {{ at | time }}', language, { at: AT }).replaceAll(/[\u2068\u2069]/g, '')).toBe(text);
  });

  test.each([
    ['short', '12/1/26'],
    ['medium', 'Dec 1, 2026'],
    ['long', 'December 1, 2026'],
    ['full', 'Tuesday, December 1, 2026'],
    ['weekday', 'Tuesday'],
    ['day_month', 'December 1'],
  ])('have the style %s', (style, text) => {
    expect(render(`{{ at | date: "${style}" }}`, 'en', { at: AT })).toBe(text);
  });

  test("are those of the reader's zone, over midnight and daylight saving", () => {
    const at = '2026-07-01T23:30:00Z';
    expect(render('{{ at | date: "short" }} {{ at | time }}', 'en-GB', { at }, 'Europe/London')).toBe('02/07/2026 00:30');
    expect(render('{{ at | date: "short" }} {{ at | time }}', 'en-GB', { at }, 'America/New_York')).toBe('01/07/2026 19:30');
  });

  test('without the other half are the same everywhere', () => {
    expect(render('{{ day | date }} {{ clock | time }}', 'en', { day: '2026-12-01', clock: '09:05' }, 'Pacific/Auckland')).toBe(
      'December 1, 2026 9:05 AM',
    );
  });

  test.each(['tomorrow', '2026-02-30', '2026-12-01T14:30:00', 7, '2026-13-01T00:00:00Z', '2026-02-30T10:00:00Z'])('refuse %s', (at) => {
    expect(() => render('{{ at | date }}', 'en', { at })).toThrow(/expects a date/);
  });

  test('need nothing that GSM-7 lacks in English', () => {
    expect(render('{{ at | time }} {{ n | money }}', 'en', { at: AT, n: 5 })).toMatch(/^[ -~]+$/);
  });
});

describe('money and numbers', () => {
  test.each([
    ['en', 'SAR 1,234.50'],
    ['ar', '1,234.50 ر.س.'],
    ['hi', 'SAR 1,234.50'],
    ['es', '1234,50 SAR'],
    ['fr', '1 234,50 SAR'],
  ])('are written in %s as its readers write them', (language, text) => {
    expect(render('{{ total | money: "SAR" }}', language, { total: '1234.5' })).toBe(text);
  });

  test("come in the tenant's currency where none is named, with its own number of decimals", () => {
    expect(render('{{ a | money }} {{ a | money: "JPY" }} {{ a | money: "KWD" }}', 'en', { a: 12 })).toBe('SAR 12.00 ¥12 KWD 12.000');
  });

  test('keep every digit', () => {
    expect(render('{{ a | number }} {{ b | money: "USD" }}', 'en', { a: '123456789012345.123456789012', b: '999999999999999.99' })).toBe(
      '123,456,789,012,345.123456789012 $999,999,999,999,999.99',
    );
  });

  test.each([
    ['{{ "19.90" | minus: "5.10" | money }}', 'SAR 14.80'],
    ['{{ "1.10" | times: 3 | money }}', 'SAR 3.30'],
    ['{{ 100 | divided_by: 3.0 | money }}', 'SAR 33.33'],
    ['{{ "1.10" | times: 3 | number }}', '3.3'],
    ['{{ 0.0001 | divided_by: 1000 | number }}', '0.0000001'],
  ])('take what the text has reckoned: %s', (source, text) => {
    expect(render(source, 'en')).toBe(text);
  });

  test.each(['ten', '1,5', 1e15, '0.1234567890123'])('refuse %s', (total) => {
    expect(() => render('{{ total | money }}', 'en', { total })).toThrow(/expects an amount/);
  });
});

describe('in a text that is read from right to left', () => {
  const inArabic = (value: string): string => render('{{ value }}', 'ar', { value });

  test.each([
    ['a name in Latin letters', 'Noor Clinic'],
    ['a phone number', '+966 50 123 4567'],
    ['a number with hyphens', '12-14'],
    ['an amount in another currency', '-5.00 US$'],
    ['an address in Malayalam', '12 പാർക്ക് റോഡ്'],
    ['an address in Bengali', '12 পার্ক রোড'],
    ['a name in Chinese', '3 李明'],
    ['a name in Korean', '3 김민수'],
  ])('%s is kept together', (_what, value) => {
    expect(inArabic(value)).toBe(`\u2068${value}\u2069`);
  });

  test.each([
    ['Arabic', 'ليلى'],
    ['a lengthened Arabic word', 'ليـلى 12'],
    ['Hebrew', 'שרה 12'],
    ['Dhivehi', 'މާލެ 12'],
    ['a code', '123456'],
    ['a date', '01/12/2026'],
    ['a link', 'https://example.com/a-b?c=d'],
    ['an email address', 'care@example.com'],
  ])('%s stands as it is', (_what, value) => {
    expect(inArabic(value)).toBe(value);
  });

  test.each(['@.', '@', '.', 'a@.', 'a@a.', '1-', 'www.'])('10,000 characters of "%s" are kept together, and stop nothing', (piece) => {
    const value = `a@${piece.repeat(10_000 / piece.length)} a`;
    expect(inArabic(value)).toBe(`\u2068${value}\u2069`);
  });

  test('a number is treated like one that is given as text', () => {
    expect(render('{{ n }} {{ 3 | minus: 5 }} {{ ten }}', 'ar', { n: -5, ten: 10 })).toBe('\u2068-5\u2069 \u2068-2\u2069 10');
  });

  test('nothing is set apart where raw asks for that, or in other languages', () => {
    expect(render('{{ value | raw }}', 'ar', { value: 'Noor' })).toBe('Noor');
    expect(render('{{ value }}', 'fr', { value: 'Noor +1' })).toBe('Noor +1');
  });
});
