import { Drop, type Context, type Liquid } from 'liquidjs';
import { isolate } from './isolate.js';
import { DATE_STYLES, formatDate, formatMoney, formatNumber, formatTime, isCurrency, type DateStyle } from './localized-values.js';
import { readsRightToLeft, type Reader } from './reader.js';

/** Stands for a value that is not given, in previews: every filter hands it on, as its argument too, and a list of them has one item. */
export class Placeholder extends Drop {
  // Not a property: a text could ask for one of this name.
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override liquidMethodMissing(key: string | number): Placeholder {
    return new Placeholder(`${this.#name}.${key}`);
  }

  *[Symbol.iterator](): Generator<Placeholder> {
    yield new Placeholder(`${this.#name}[0]`);
  }

  override toString(): string {
    return `[${this.#name}]`;
  }
}

const READER = 'reader';

export const setReader = (context: Context, reader: Reader): void => void context.setRegister(READER, reader);

const readerOf = (context: Context): Reader => context.getRegister<Reader>(READER);

type Filter = (this: { context: Context }, value: unknown, ...args: unknown[]) => unknown;

/** A filter's complaint about the value that it got; the value itself is not repeated: it may be personal. */
export class WrongValue extends Error {}

function orWrong(text: string | null, expected: string): string {
  if (text === null) throw new WrongValue(expected);
  return text;
}

/** Nothing in, nothing out: what may be missing has been tested before. */
const unlessEmpty = (work: Filter): Filter =>
  function (value, ...args) {
    return value === null || value === undefined || value === '' ? value : work.call(this, value, ...args);
  };

/** The engine's own filters would make a nought or an empty text of it, which the next one takes for a wrong value. */
const handingOn = (work: Filter): Filter =>
  function (...values) {
    return values.find((one) => one instanceof Placeholder) ?? work.apply(this, values);
  };

const isStyle = (style: unknown): style is DateStyle => (DATE_STYLES as readonly unknown[]).includes(style);

const date: Filter = function (value, style = 'long') {
  if (!isStyle(style)) throw new WrongValue(`one of the styles ${DATE_STYLES.join(', ')}`);
  return orWrong(formatDate(value, style, readerOf(this.context)), 'a date such as 2026-12-01 or 2026-12-01T14:30:00+03:00');
};

const time: Filter = function (value) {
  return orWrong(formatTime(value, readerOf(this.context)), 'a time such as 2026-12-01T14:30:00+03:00 or 14:30');
};

const money: Filter = function (value, given) {
  const reader = readerOf(this.context);
  const currency = typeof given === 'string' ? given.toUpperCase() : (given ?? reader.currency);
  if (!isCurrency(currency)) throw new WrongValue('a currency such as SAR');
  return orWrong(formatMoney(value, currency, reader), 'an amount such as "120.50"');
};

const number: Filter = function (value) {
  return orWrong(formatNumber(value, readerOf(this.context)), 'a number such as 1200 or "1200.5"');
};

const STANDARD = `abs append at_least at_most capitalize ceil compact default divided_by downcase first floor join last lstrip map
  minus modulo plus prepend remove replace reverse round rstrip size slice sort split strip times truncate truncatewords uniq
  upcase url_encode`.split(/\s+/);

/** Only what is listed here can be used: what the language gains in a later version stays out until somebody has looked at it. */
export function limitFilters(engine: Liquid): void {
  for (const name of Object.keys(engine.filters)) if (!STANDARD.includes(name)) engine.unregisterFilter(name);
  for (const [name, filter] of Object.entries({ date, time, money, number })) engine.registerFilter(name, unlessEmpty(filter));
  // Not `default`: it needs what is missing only where there is no value.
  for (const [name, filter] of Object.entries(engine.filters))
    if (name !== 'default') engine.registerFilter(name, handingOn(filter as Filter));
  // The value as it is, without the isolates of right-to-left texts.
  engine.registerFilter('raw', { raw: true, handler: (value: unknown) => writable(value) });
}

const writable = (value: unknown): unknown => {
  if (Array.isArray(value)) value.forEach(writable);
  else if (typeof value === 'object' && value !== null && !(value instanceof Placeholder))
    throw new WrongValue('a text or a number, and got an object: name one of its values');
  return value;
};

/** What every value goes through on its way into the text. */
export const outputFilter: Filter = function (value) {
  const text = typeof value === 'number' ? String(value) : writable(value);
  return typeof text === 'string' && readsRightToLeft(readerOf(this.context).language) ? isolate(text) : text;
};
