import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Secret } from './secret.js';

const ROLES = ['api', 'worker', 'scheduler'] as const;

const PROVIDERS = ['twilio', 'simulator'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

const flag = z.stringbool({ truthy: ['true', '1', 'yes'], falsy: ['false', '0', 'no'], error: 'true or false' });

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max, {
      error: `a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const positiveNumber = (max: number, expected: string) =>
  z
    .string()
    .refine((value) => Number(value) > 0 && Number(value) <= max, { error: expected })
    .transform(Number);

/** Node takes a timer of more than 24 days for one of a millisecond. */
const LONGEST_SECONDS = 1_000_000;

const duration = positiveNumber(LONGEST_SECONDS, `a number of seconds, greater than 0, at most ${LONGEST_SECONDS}`);

const secret = z.string().transform((value) => new Secret(value));

const matching = (pattern: RegExp, expected: string) => z.string().regex(pattern, { error: expected });

const url = (protocols: string[], expected: string) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), { error: expected, abort: true });

/** Paths are put behind it. */
const httpUrl = url(['http:', 'https:'], 'an http or https URL, e.g. https://messages.example.com')
  .refine((value) => !/[?#]/.test(value), { error: 'an http or https URL without ? and #, e.g. https://messages.example.com' })
  .transform((value) => value.replace(/\/+$/, ''));

const succeeds = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

/** The driver reads these files by itself, and does not tell what named one that it cannot read. */
const unreadableFiles = (value: string): string[] =>
  ['sslrootcert', 'sslcert', 'sslkey']
    .flatMap((name) => new URL(value).searchParams.get(name) || [])
    .filter((file) => !succeeds(() => readFileSync(file)));

const databaseUrl = url(['postgres:', 'postgresql:'], 'a PostgreSQL URL, e.g. postgres://user:password@host:5432/heliograph').refine(
  (value) => unreadableFiles(value).length === 0,
  { error: ({ input }) => `a file that can be read at ${unreadableFiles(String(input)).join(' and ')}` },
);

/** The driver of Redis takes no bare %, unlike that of PostgreSQL. */
const redisUrl = url(['redis:', 'rediss:'], 'a Redis URL, e.g. redis://host:6379').refine(
  (value) => succeeds(() => decodeURIComponent(`${new URL(value).username}:${new URL(value).password}`)),
  { error: 'a user and password that are percent-encoded, with %25 for %' },
);

const listOf = <T extends string>(allowed: readonly T[], expected: string) =>
  z
    .string()
    .transform((value) => [...new Set(value.split(',').map((part) => part.trim()))] as T[])
    .refine((parts) => parts.every((part) => allowed.includes(part)), { error: expected });

const isOrigin = (value: string): boolean => URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value.toLowerCase();

const origins = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim().replace(/\/$/, '')))
  .refine((parts) => parts.every((part) => part === '*' || isOrigin(part)), {
    error: 'origins without a path, e.g. https://desk.example.com, several with commas between; or * for all',
  })
  // As browsers write them.
  .transform((parts) => [...new Set(parts.map((part) => part.toLowerCase()))]);

const providers = listOf(PROVIDERS, 'twilio or simulator, or both with a comma between, the preferred one first');
const e164 = matching(/^\+[1-9]\d{6,14}$/, 'a number in E.164 form, e.g. +15005550006');
const twilioSid = (prefix: string) => matching(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `${prefix} followed by 32 hexadecimal digits`);

const PRICE = /^(\w+) (SMS|WHATSAPP) ([A-Z]{2}|\*) (\d{1,6}(?:\.\d{1,6})?) ([A-Z]{3})$/;

/** "twilio SMS US 0.0083 USD, …": provider, channel, country or *, for a segment, currency. */
const prices = z
  .string()
  .transform((value) => value.split(',').map((entry) => PRICE.exec(entry.trim())))
  .refine((entries) => entries.every((entry) => entry !== null && PROVIDERS.some((name) => name === entry[1])), {
    error: 'provider, channel, country (or *), amount and currency, e.g. twilio SMS US 0.0083 USD; several with commas between',
  })
  .transform((entries) =>
    entries.flatMap((entry) => {
      const [, provider = '', channel, country, amount = '', currency = ''] = entry ?? [];
      return [
        {
          provider,
          channel: channel as 'SMS' | 'WHATSAPP',
          country: country === '*' ? null : (country ?? null),
          category: null,
          amount,
          currency,
        },
      ];
    }),
  );

const encryptionKeys = z
  .string()
  .transform((value) => value.split(',').map((key) => key.trim().toLowerCase()))
  .refine((keys) => keys.every((key) => /^[0-9a-f]{64}$/.test(key)), {
    error: '64 hexadecimal digits (openssl rand -hex 32); to rotate, the new key first and the old ones after commas',
  })
  .transform((keys) => keys.map((key) => new Secret(key)));

/** One entry a variable, each described in .env.example. The error text is what a person reads after "expected". */
export const Settings = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: httpUrl.optional(),
  CORS_ORIGINS: origins.default([]),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_CONNECTIONS: wholeNumber(2, 500).default(16),
  REDIS_URL: redisUrl.optional(),
  REDIS_PREFIX: matching(/^[\w-]{1,40}$/, '1 to 40 letters, digits, - or _').default('heliograph'),
  DATA_DIR: z.string().default('.heliograph'),
  ROLES: listOf(ROLES, 'any of api, worker, scheduler, with commas between').default([...ROLES]),
  ENCRYPTION_KEY: encryptionKeys.optional(),
  BOOTSTRAP_API_KEY: matching(/^hg_[A-Za-z0-9_-]{20,200}$/, 'hg_ followed by 20 to 200 letters, digits, - or _')
    .transform((value) => new Secret(value))
    .optional(),
  SMS_PROVIDER: providers.optional(),
  WHATSAPP_PROVIDER: providers.optional(),
  MESSAGING_ENABLED: flag.default(true),
  MESSAGING_MOCK_MODE: flag.optional(),
  TWILIO_ACCOUNT_SID: twilioSid('AC').optional(),
  TWILIO_AUTH_TOKEN: secret.optional(),
  TWILIO_FROM_NUMBER: e164.optional(),
  TWILIO_WHATSAPP_NUMBER: e164.optional(),
  TWILIO_MESSAGING_SERVICE_SID: twilioSid('MG').optional(),
  TWILIO_API_BASE_URL: httpUrl.optional(),
  SIMULATOR_SPEED: positiveNumber(Number.MAX_VALUE, 'a number greater than 0').default(1),
  SIMULATOR_URL: httpUrl.optional(),
  PROVIDER_TIMEOUT_SECONDS: duration.default(10),
  PROVIDER_CONNECTIONS: wholeNumber(1, 1000).default(64),
  PROVIDER_MESSAGES_PER_SECOND: wholeNumber(1, 100_000).optional(),
  PROVIDER_PRICES: prices.default([]),
  MAX_ATTEMPTS: wholeNumber(1, 10).default(3),
  RETRY_OUTAGE_SECONDS: duration.default(300),
  RETRY_NETWORK_SECONDS: duration.default(5),
  UNCONFIRMED_GRACE_SECONDS: duration.default(60),
  DRAIN_SECONDS: duration.default(25),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 10_000_000).default(6_000),
  GRAPHQL_INTROSPECTION: flag.default(true),
  TRUST_PROXY: flag.default(false),
  METRICS_PORT: wholeNumber(1, 65_535).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'fatal, error, warn, info, debug, trace or silent' })
    .default('info'),
  NODE_ENV: z.enum(['production', 'development', 'test'], { error: 'production, development or test' }).default('production'),
});
export type Settings = z.output<typeof Settings>;
