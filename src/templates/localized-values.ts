import { LRUCache } from 'lru-cache';
import type { Reader } from './reader.js';

export const DATE_STYLES = ['short', 'medium', 'long', 'full', 'weekday', 'day_month'] as const;
export type DateStyle = (typeof DATE_STYLES)[number];

const STYLES: Record<DateStyle, Intl.DateTimeFormatOptions> = {
  short: { dateStyle: 'short' },
  medium: { dateStyle: 'medium' },
  long: { dateStyle: 'long' },
  full: { dateStyle: 'full' },
  weekday: { weekday: 'long' },
  day_month: { day: 'numeric', month: 'long' },
};

/** Making one takes as long as using it a hundred times. */
const dateFormats = new LRUCache<string, Intl.DateTimeFormat>({ max: 1_000 });
const numberFormats = new LRUCache<string, Intl.NumberFormat>({ max: 1_000 });

/**
 * Gregorian dates in Latin digits everywhere, unless the tag asks for others (ar-u-nu-arab): they are compared with what
 * stands in letters, receipts and other values of the same text.
 */
const localeOf = (language: string): string => {
  const locale = new Intl.Locale(language);
  return new Intl.Locale(locale, {
    calendar: locale.calendar ?? 'gregory',
    numberingSystem: locale.numberingSystem ?? 'latn',
  }).toString();
};

function dateFormat(language: string, timeZone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${name}`;
  let format = dateFormats.get(key);
  if (!format) dateFormats.set(key, (format = new Intl.DateTimeFormat(localeOf(language), { ...options, timeZone })));
  return format;
}

function numberFormat(language: string, name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${name}`;
  let format = numberFormats.get(key);
  if (!format) numberFormats.set(key, (format = new Intl.NumberFormat(localeOf(language), options)));
  return format;
}

/** Marks of direction that formats of right-to-left languages bring, and spaces that GSM-7 lacks, cost more than they give. */
const plainer = (text: string): string => text.replaceAll(/[\u200e\u200f\u061c]/g, '').replaceAll(/[\u00a0\u202f]/g, ' ');

const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
const DAY = /^\d{4}-\d\d-\d\d$/;
const CLOCK = /^\d\d:\d\d(:\d\d)?$/;

/** Null for what is no date. A day without a time is that day everywhere. */
export function formatDate(value: unknown, style: DateStyle, { language, timeZone }: Reader): string | null {
  const isDay = typeof value === 'string' && DAY.test(value);
  const at = isDay ? dayOf(value) : momentOf(value);
  return at && plainer(dateFormat(language, isDay ? 'UTC' : timeZone, style, STYLES[style]).format(at));
}

/** Null for what is no time. A clock time without a day ("14:30") is that time everywhere. */
export function formatTime(value: unknown, { language, timeZone }: Reader): string | null {
  const isClock = typeof value === 'string' && CLOCK.test(value);
  const at = isClock ? momentOf(`1970-01-01T${value}Z`) : momentOf(value);
  return at && plainer(dateFormat(language, isClock ? 'UTC' : timeZone, 'time', { timeStyle: 'short' }).format(at));
}

function momentOf(value: unknown): Date | null {
  if (typeof value !== 'string' || !MOMENT.test(value) || !dayOf(value.slice(0, 10))) return null;
  const at = new Date(value.replace(' ', 'T'));
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Days that there are not, such as February 30, do not become others. */
function dayOf(value: string): Date | null {
  const at = new Date(`${value}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== value ? null : at;
}

const AMOUNT = /^-?\d{1,15}(\.\d{1,12})?$/;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
export const isCurrency = (code: unknown): code is string => typeof code === 'string' && CURRENCIES.has(code);

/** A decimal as it was given: floats would change the last digits of long ones. */
const amountOf = (value: unknown): Intl.StringNumericLiteral | null => {
  const text = typeof value === 'number' ? decimalOf(value) : value;
  return typeof text === 'string' && AMOUNT.test(text) ? (text as Intl.StringNumericLiteral) : null;
};

/** A text reckons with floats: 19.90 - 5.10 is 14.799999999999999 to it. */
const decimalOf = (value: number): string => (AMOUNT.test(String(value)) ? String(value) : value.toFixed(12));

/** Null for what is no amount. */
export function formatMoney(value: unknown, currency: string, { language }: Reader): string | null {
  const amount = amountOf(value);
  return amount && plainer(numberFormat(language, currency, { style: 'currency', currency }).format(amount));
}

/** Null for what is no number. */
export function formatNumber(value: unknown, { language }: Reader): string | null {
  const amount = amountOf(value);
  return amount && plainer(numberFormat(language, 'number', { maximumFractionDigits: 12 }).format(amount));
}
