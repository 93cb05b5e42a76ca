import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors.js';
import { parsePhoneNumber, type PhoneNumberRules } from '../../src/contacts/phone-number.js';

const refusalOf = (raw: string, rules: Partial<PhoneNumberRules> = {}) => {
  try {
    return parsePhoneNumber(raw, { channel: 'SMS', ...rules });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.reasons;
  }
};
const invalid = (message: string) => [{ code: 'INVALID_PHONE_NUMBER', message, field: ['to'] }];

describe('parsePhoneNumber', () => {
  test.each([
    ['+966500000567'],
    ['0500000567'],
    ['500000567'],
    ['966500000567'],
    ['00966500000567'],
    ['+966 50 000 0567'],
    ['+966\u00a050\u2009000\u202f0567'],
    ['+966-50–000‑0567'],
    ['(050) 000.0567'],
    ['050/000/0567'],
    ['[050] 0000567'],
    ['+966 (0) 50 000 0567'],
    ['٠٥٠٠٠٠٠٥٦٧'],
    ['٠٠٩٦٦٥٠٠٠٠٠٥٦٧'],
    ['+۹۶۶۵۰۰۰۰۰۵۶۷'],
    ['०५०००००५६७'],
    ['＋９６６５０００００５６７'],
    ['\u200e+966500000567\u200f'],
    ['\u202a+966 50 000 0567\u202c'],
    ['\u2066+966500000567\u2069'],
    ['  +966500000567\n'],
    ['tel:+966500000567'],
    ['whatsapp:+966500000567'],
    ['WhatsApp: 0500000567'],
  ])('%j is understood in Saudi Arabia', (raw) => {
    expect(refusalOf(raw, { defaultCountry: 'SA' })).toEqual({ e164: '+966500000567', country: 'SA' });
  });

  test('00 is a + without a default country too, and elsewhere 011 is', () => {
    expect(refusalOf('00966500000567')).toEqual({ e164: '+966500000567', country: 'SA' });
    expect(refusalOf('011 966 500000567', { defaultCountry: 'US' })).toEqual({ e164: '+966500000567', country: 'SA' });
  });

  test.each([
    ['HK', '001 65 8234 5678', '+6582345678', 'SG'],
    ['KR', '001 65 8234 5678', '+6582345678', 'SG'],
    ['TH', '001 65 8234 5678', '+6582345678', 'SG'],
    ['AU', '0011 47 922 34 567', '+4792234567', 'NO'],
    ['AU', '0047 922 34 567', '+4792234567', 'NO'],
    ['KE', '000 44 7911 123456', '+447911123456', 'GG'],
    ['BR', '0021 44 7911 123456', '+447911123456', 'GG'],
    ['ID', '008 65 8234 5678', '+6582345678', 'SG'],
    ['ID', '0062 812 3456 789', '+628123456789', 'ID'],
    ['HK', '0065 8234 5678', '+6582345678', 'SG'],
    ['HK', '001 415 555 0100', '+14155550100', 'US'],
    ['US', '00966 500000567', '+966500000567', 'SA'],
    ['US', '011 966 500000567', '+966500000567', 'SA'],
  ])('as it is dialled in %s, %s is %s', (defaultCountry, raw, e164, country) => {
    expect(refusalOf(raw, { defaultCountry })).toEqual({ e164, country });
  });

  test.each([
    ['HK', '0091 91234 56789', "India's after 00, America's after 009"],
    ['HK', '001 65 6234 5678', "America's after 00, a landline of Singapore's after 001"],
    ['ID', '001 65 8234 5678', 'after a prefix that only Indonesia knows'],
  ])('in %s, %s is refused: it may be %s', (defaultCountry, raw) => {
    const message = 'It is not certain where the country code of the number begins; write + before it.';
    expect(refusalOf(raw, { defaultCountry })).toEqual(invalid(message));
  });

  test.each([
    ['0500000567', {}, "The number has no country: add + and the country code, or set the tenant's default country."],
    ['0500000567', { defaultCountry: 'XX' }, "The number has no country: add + and the country code, or set the tenant's default country."],
    ['05000005', { defaultCountry: 'SA' }, 'The number has too few digits for SA.'],
    ['+96650000056712', {}, 'The number has too many digits for SA.'],
    ['+96', {}, 'The number has too few digits.'],
    ['+44770090012345', {}, 'The number has too many digits for +44.'],
    ['+15551234567', {}, 'The number lies outside the ranges in use in +1; check its digits.'],
    ['+999123456789', {}, 'The number begins with a country code that does not exist.'],
    ['+1 800 FLOWERS', {}, 'The number has letters in it; write it in digits.'],
    ['رقم ٠٥٠', {}, 'The number has letters in it; write it in digits.'],
    ['+966500000567 ext. 12', {}, 'The number has an extension, and messages do not reach extensions; leave it out.'],
    ['+966500000567x12', {}, 'The number has an extension, and messages do not reach extensions; leave it out.'],
    ['tel:+966500000567;ext=12', {}, 'The number has an extension, and messages do not reach extensions; leave it out.'],
    ['+966*500000567', {}, 'Write the number in digits, with one + before the country code.'],
    ['++966500000567', {}, 'Write the number in digits, with one + before the country code.'],
    ['966+500000567', {}, 'Write the number in digits, with one + before the country code.'],
    ['', {}, 'Write the number in digits, with one + before the country code.'],
    ['0'.repeat(41), {}, 'The number is longer than 40 characters.'],
  ])('%j is refused', (raw, rules, message) => {
    expect(refusalOf(raw, rules)).toEqual(invalid(message));
  });

  test.each([
    ['+966112345678', 'a landline'],
    ['+442079460018', 'a landline'],
    ['+19005551234', 'a premium-rate number'],
    ['+18005551234', 'a toll-free number'],
    ['+966920012345', 'a shared-cost number'],
    ['+443301234567', 'a company number'],
    ['+447640123456', 'a pager'],
  ])('%s is refused for SMS and passes for WhatsApp', (raw, kind) => {
    expect(refusalOf(raw)).toEqual(invalid(`The number is ${kind}, which does not receive SMS.`));
    expect(parsePhoneNumber(raw, { channel: 'WHATSAPP' }).e164).toBe(raw);
  });

  test('a number that may be a landline or not passes', () => {
    expect(refusalOf('+12025550123')).toEqual({ e164: '+12025550123', country: 'US' });
  });

  test('the numbers of the simulator and of test accounts pass', () => {
    const numbers = Array.from({ length: 16 }, (_, index) => `+1500555${String(index + 1).padStart(4, '0')}`);
    expect(numbers.map((number) => refusalOf(number))).toEqual(numbers.map((e164) => ({ e164, country: 'US' })));
  });

  test('a country that is not allowed is refused, and so is a number of none', () => {
    const refused = (place: string) => [{ code: 'COUNTRY_NOT_ALLOWED', message: `This tenant does not send to ${place}.`, field: ['to'] }];
    expect(refusalOf('+447911123456', { allowedCountries: ['SA', 'AE'] })).toEqual(refused('GG'));
    expect(refusalOf('+881612345678', { allowedCountries: ['SA'] })).toEqual(refused('+881'));
    expect(refusalOf('+966500000567', { allowedCountries: [] })).toEqual(refused('SA'));
    expect(refusalOf('+966500000567', { allowedCountries: ['SA'] })).toEqual({ e164: '+966500000567', country: 'SA' });
    expect(refusalOf('+881612345678', { allowedCountries: null })).toEqual({ e164: '+881612345678', country: '001' });
  });

  test('no refusal repeats the number', () => {
    const digits = '96650000056712';
    expect(JSON.stringify(refusalOf(`+${digits}`))).not.toContain('5000');
  });
});
