import 'reflect-metadata';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDate, GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { ErrorCode } from '../errors.js';
import { canonicalTag } from '../platform/language-tag.js';
import { isMoment } from '../platform/moment.js';
import { isTimeZone } from '../platform/time-zone.js';
import { DEEPEST_JSON, isTooDeep } from '../platform/json-depth.js';

/** What clients send is not repeated in these messages: it may be personal. They start with "Expected", see format-error. */
const expected = (what: string): GraphQLError => new GraphQLError(`Expected ${what}.`, { extensions: { code: ErrorCode.BAD_USER_INPUT } });

/**
 * A string of which only some are valid; `read` returns the value to use, or null. Answers are not read again: what was
 * stored when more was valid stays readable.
 */
function textScalar(
  name: string,
  description: string,
  what: string,
  read: (value: string) => string | null,
  write: (stored: string) => string = (stored) => stored,
): GraphQLScalarType<string, string> {
  const parse = (value: unknown): string => {
    const result = typeof value === 'string' ? read(value) : null;
    if (result === null) throw expected(what);
    return result;
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (stored) => write(stored as string),
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.STRING ? node.value : null),
  });
}

const DECIMAL = /^-?\d{1,18}(\.\d{1,12})?$/;

/** "0.008300" → "0.0083", "10.000000" → "10": PostgreSQL pads what it stores. */
const withoutPadding = (value: string): string => (value.includes('.') ? value.replace(/\.?0+$/, '') : value);

export const TimeZone = textScalar('TimeZone', 'IANA name, e.g. Asia/Riyadh', 'an IANA time zone, e.g. Asia/Riyadh', (value) =>
  isTimeZone(value) ? value : null,
);

export const Locale = textScalar(
  'Locale',
  'BCP 47 tag of at most 100 characters, e.g. en, ar, hi-IN',
  'a BCP 47 language tag, e.g. en or hi-IN',
  canonicalTag,
);

export const Decimal = textScalar(
  'Decimal',
  'Exact decimal as a string, e.g. "0.0083"',
  'a decimal number as a string, e.g. "0.0083"',
  (value) => (DECIMAL.test(value) ? withoutPadding(value) : null),
  withoutPadding,
);

const anyTime = GraphQLDateTime.toConfig();

function ofOurEra(at: Date): Date {
  if (isMoment(at)) return at;
  throw expected('a moment of the years 1 to 9999 in UTC');
}

/** Date objects in the program, RFC 3339 in UTC outside. */
export const DateTime = new GraphQLScalarType({
  ...anyTime,
  description: 'A moment, as RFC 3339 with a time zone, e.g. 2026-11-20T09:30:00Z; answers are always in UTC',
  parseValue: (value) => ofOurEra(anyTime.parseValue(value)),
  parseLiteral: (node, variables) => ofOurEra(anyTime.parseLiteral(node, variables)),
});

export const CalendarDate = new GraphQLScalarType({ ...GraphQLDate.toConfig(), description: 'A day without a time, e.g. 2026-11-20' });

const anyObject = GraphQLJSONObject.toConfig();

function notTooDeep<T>(value: T): T {
  if (!isTooDeep(value)) return value;
  throw expected(`a JSON object of at most ${DEEPEST_JSON} levels`);
}

export const JSONObject = new GraphQLScalarType({
  ...anyObject,
  description: 'Any JSON object',
  specifiedByURL: null,
  parseValue: (value) => notTooDeep(anyObject.parseValue(value)),
  parseLiteral: (node, variables) => notTooDeep(anyObject.parseLiteral(node, variables)),
});
