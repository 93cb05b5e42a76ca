import { describeError } from './describe-error.js';

const HIDDEN = '•••';
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;

/** Values under these names are never logged, at any depth and in any spelling of capitals. */
const HIDDEN_NAMES = [
  'to from phone phoneNumber email name address recipient recipients contact',
  'body rawBody text mediaUrls variables query params parameters',
  'authorization cookie set-cookie x-api-key headers connectionParams apiKey token authToken secret password',
].flatMap((names) => names.split(' '));
const HIDDEN_KEYS: ReadonlySet<string> = new Set(HIDDEN_NAMES.map((name) => name.toLowerCase()));

const hide = (value: unknown): unknown => value && HIDDEN;

/** The same as serializers, for the bindings of child loggers, which pino shows to nothing else. */
export const HIDING_SERIALIZERS = Object.fromEntries(HIDDEN_NAMES.map((name) => [name, hide]));

/** A field's value, fit for the log: hidden by its name, or a copy with errors described and depth and length bounded. */
export const loggable = (key: string, value: unknown, depth = 1): unknown =>
  HIDDEN_KEYS.has(key.toLowerCase()) ? hide(value) : copy(value, depth);

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (depth > MAX_DEPTH) return '[…]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => copy(item, depth + 1));
  return isPlain(value) ? copyFields(value, depth) : copyInstance(value, depth);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const copyFields = (value: object, depth: number): unknown =>
  Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([key, item]) => [key, loggable(key, item, depth + 1)]),
  );

/** Dates and secrets say themselves how they are shown; of a client, a request or a buffer its kind is enough. */
function copyInstance(value: object, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return copy((value.toJSON as () => unknown)(), depth + 1);
  return `[${value.constructor?.name ?? 'object'}]`;
}
