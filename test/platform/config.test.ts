import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readConfig, Secret } from '../../src/config.js';
import { complaintAbout, TWILIO } from '../support/settings.js';

const KEY = 'a'.repeat(64);

describe('a setting', () => {
  test('has a default for everybody who just wants to try', () => {
    const config = readConfig({});
    expect([config.DATABASE_URL, config.REDIS_URL]).toEqual([undefined, undefined]);
    expect(config).toMatchObject({
      PORT: 4000,
      HOST: '127.0.0.1',
      DATA_DIR: resolve('.heliograph'),
      ROLES: ['api', 'worker', 'scheduler'],
      MESSAGING_ENABLED: true,
      NODE_ENV: 'production',
      warnings: [],
    });
  });

  test('counts as unset when it is empty or blank', () => {
    expect(readConfig({ PORT: '', HOST: '  ', DATABASE_URL: '' })).toEqual(readConfig({}));
  });

  test('is taken without the blanks around it', () => {
    expect(readConfig({ PORT: ' 8080 ', LOG_LEVEL: 'debug\n' })).toMatchObject({ PORT: 8080, LOG_LEVEL: 'debug' });
  });

  test('may be a flag in any usual spelling', () => {
    for (const yes of ['true', 'TRUE', '1', 'yes']) expect(readConfig({ TRUST_PROXY: yes }).TRUST_PROXY).toBe(true);
    for (const no of ['false', 'False', '0', 'no']) expect(readConfig({ GRAPHQL_INTROSPECTION: no }).GRAPHQL_INTROSPECTION).toBe(false);
  });

  test('may be a list, in its order and without repeats', () => {
    expect(readConfig({ ROLES: 'worker, api,worker' }).ROLES).toEqual(['worker', 'api']);
  });

  test('may be origins, as browsers write them', () => {
    const { CORS_ORIGINS } = readConfig({ CORS_ORIGINS: 'https://Desk.example.com/, http://localhost:5173,https://desk.example.com' });
    expect(CORS_ORIGINS).toEqual(['https://desk.example.com', 'http://localhost:5173']);
    expect(readConfig({ CORS_ORIGINS: '*' }).CORS_ORIGINS).toEqual(['*']);
  });

  test('may be a fraction where it is a duration or a speed', () => {
    expect(readConfig({ SIMULATOR_SPEED: '0.5', DRAIN_SECONDS: '2.5' })).toMatchObject({ SIMULATOR_SPEED: 0.5, DRAIN_SECONDS: 2.5 });
  });

  test('that is a URL loses the slash at its end, because paths are added to it', () => {
    expect(readConfig({ PUBLIC_URL: 'https://messages.example.com/' }).PUBLIC_URL).toBe('https://messages.example.com');
  });

  test('with several encryption keys gives the new one first', () => {
    const keys = readConfig({ ENCRYPTION_KEY: `${'B'.repeat(64)}, ${KEY}` }).ENCRYPTION_KEY;
    expect(keys?.map((key) => key.reveal())).toEqual(['b'.repeat(64), KEY]);
  });

  test('with an unknown name of our kind gets a warning that names the nearest', () => {
    expect(readConfig({ TWILIO_TOKEN: 'x', MESSAGING_MOCK_MOD: 'x', SIMULATOR_COLOUR_SCHEME: 'x', HOME: '/root' }).warnings).toEqual([
      'TWILIO_TOKEN is not a setting of Heliograph and changes nothing: did you mean TWILIO_AUTH_TOKEN?',
      'MESSAGING_MOCK_MOD is not a setting of Heliograph and changes nothing: did you mean MESSAGING_MOCK_MODE?',
      'SIMULATOR_COLOUR_SCHEME is not a setting of Heliograph and changes nothing.',
    ]);
  });
});

describe('a wrong setting', () => {
  test.each([
    ['PORT', '70000', 'a whole number from 0 to 65535'],
    ['PORT', '4e3', 'a whole number from 0 to 65535'],
    ['PORT', '-1', 'a whole number from 0 to 65535'],
    ['PUBLIC_URL', 'messages.example.com', 'an http or https URL, e.g. https://messages.example.com'],
    ['DATABASE_URL', 'mysql://db/heliograph', 'a PostgreSQL URL, e.g. postgres://user:password@host:5432/heliograph'],
    ['REDIS_URL', 'localhost:6379', 'a Redis URL, e.g. redis://host:6379'],
    [
      'CORS_ORIGINS',
      'https://x.example/app',
      'origins without a path, e.g. https://desk.example.com, several with commas between; or * for all',
    ],
    [
      'CORS_ORIGINS',
      'desk.example.com',
      'origins without a path, e.g. https://desk.example.com, several with commas between; or * for all',
    ],
    ['REDIS_PREFIX', 'a b', '1 to 40 letters, digits, - or _'],
    ['ROLES', 'api,web', 'any of api, worker, scheduler, with commas between'],
    ['ROLES', ',', 'any of api, worker, scheduler, with commas between'],
    ['SMS_PROVIDER', 'vonage', 'twilio or simulator, or both with a comma between, the preferred one first'],
    ['MESSAGING_ENABLED', 'maybe', 'true or false'],
    ['TWILIO_FROM_NUMBER', '5005550006', 'a number in E.164 form, e.g. +15005550006'],
    ['SIMULATOR_SPEED', '0', 'a number greater than 0'],
    ['SIMULATOR_SPEED', 'fast', 'a number greater than 0'],
    ['DRAIN_SECONDS', '3000000', 'a number of seconds, greater than 0, at most 1000000'],
    ['PROVIDER_TIMEOUT_SECONDS', '3000000', 'a number of seconds, greater than 0, at most 1000000'],
    ['RETRY_NETWORK_SECONDS', '0', 'a number of seconds, greater than 0, at most 1000000'],
    ['MAX_ATTEMPTS', '11', 'a whole number from 1 to 10'],
    ['LOG_LEVEL', 'verbose', 'fatal, error, warn, info, debug, trace or silent'],
    ['NODE_ENV', 'staging', 'production, development or test'],
  ])('%s=%s is named with what was given and what is expected', (name, value, expected) => {
    expect(complaintAbout({ [name]: value })).toBe(
      `A setting is wrong:\n  ${name}: given ${JSON.stringify(value)}, expected ${expected}\nEvery setting is described in .env.example.`,
    );
  });

  test.each(['https://messages.example.com/?from=env', 'https://messages.example.com/#top'])(
    'PUBLIC_URL=%s is refused: paths are put behind it',
    (PUBLIC_URL) => {
      expect(complaintAbout({ PUBLIC_URL })).toContain('expected an http or https URL without ? and #');
    },
  );

  test.each(['redis://:100%@db:6379', 'redis://:caf%E9@db:6379'])('REDIS_URL=%s is refused: its password cannot be read', (REDIS_URL) => {
    expect(complaintAbout({ REDIS_URL })).toBe(
      'A setting is wrong:\n  REDIS_URL: given "redis://•••@db:6379", expected a user and password that are percent-encoded, with %25 for %\n' +
        'Every setting is described in .env.example.',
    );
    expect(readConfig({ REDIS_URL: 'redis://:100%25@db:6379' }).REDIS_URL).toBe('redis://:100%25@db:6379');
  });

  test.each(['sslrootcert', 'sslcert', 'sslkey'])('is a DATABASE_URL whose %s is not there', (file) => {
    const there = { DATABASE_URL: `postgres://db/x?sslmode=verify-full&${file}=package.json`, ENCRYPTION_KEY: KEY };
    expect(readConfig(there).DATABASE_URL).toBe(there.DATABASE_URL);
    expect(complaintAbout({ ...there, DATABASE_URL: `postgres://db/x?${file}=/nope/ca.pem` })).toContain(
      '  DATABASE_URL: given "postgres://db/x?•••", expected a file that can be read at /nope/ca.pem',
    );
  });

  test('does not hide another', () => {
    expect(complaintAbout({ PORT: 'x', MAX_ATTEMPTS: '0', LOG_LEVEL: 'loud' }).split('\n')).toEqual([
      '3 settings are wrong:',
      '  PORT: given "x", expected a whole number from 0 to 65535',
      '  MAX_ATTEMPTS: given "0", expected a whole number from 1 to 10',
      '  LOG_LEVEL: given "loud", expected fatal, error, warn, info, debug, trace or silent',
      'Every setting is described in .env.example.',
    ]);
  });

  test('is shortened when it is long', () => {
    expect(complaintAbout({ LOG_LEVEL: 'x'.repeat(500) })).toContain(`given "${'x'.repeat(80)}…",`);
  });

  test('is a port for metrics that is the one of the API, where this process has an API', () => {
    expect(complaintAbout({ PORT: '8080', METRICS_PORT: '8080' })).toContain(
      '  METRICS_PORT: given "8080", expected another port than PORT, or nothing',
    );
    expect(readConfig({ PORT: '8080', METRICS_PORT: '8080', ROLES: 'worker' }).METRICS_PORT).toBe(8080);
  });

  test('is a missing encryption key for a database of one’s own', () => {
    expect(complaintAbout({ DATABASE_URL: 'postgres://db/heliograph' })).toContain(
      '  ENCRYPTION_KEY: given nothing, expected 64 hexadecimal digits (openssl rand -hex 32), because DATABASE_URL is set',
    );
  });
});

describe('a secret', () => {
  test.each([
    ['ENCRYPTION_KEY', 'correcthorse', 'given ••• (12 characters), expected 64 hexadecimal digits'],
    ['BOOTSTRAP_API_KEY', 'correcthorse', 'given ••• (12 characters), expected hg_ followed by'],
    ['TWILIO_ACCOUNT_SID', 'correcthorse', 'given "co•••" (12 characters), expected AC followed by 32 hexadecimal digits'],
    ['DATABASE_URL', 'mysql://me:correcthorse@db/x', 'given "mysql://•••@db/x"'],
    ['DATABASE_URL', 'me:correct@horse@db', 'given "•••@db"'],
    ['DATABASE_URL', 'mysql://db/x?password=correcthorse', 'given "mysql://db/x?•••"'],
    ['REDIS_URL', 'http://:correct/#horse@db', 'given "http://•••@db"'],
  ])('in a wrong %s is masked', (name, value, expected) => {
    const complaint = complaintAbout({ [name]: value });
    expect(complaint).toContain(expected);
    expect(complaint).not.toMatch(/correct|horse/);
  });

  test.each([
    ['TWILIO_FROM_NUMBER', 'f4c1a90b7d3e4a6c8b2d5e7f9a1c3b5d', '"•••"'],
    ['PROVIDER_PRICES', 'twilio hg_demo_0123456789abcdefghij', '"twilio •••"'],
    ['SIMULATOR_URL', `ftp://sim/${'x'.repeat(80)}0`, '"ftp://sim/•••"'],
  ])('that stands in %s is masked', (name, value, shown) => {
    expect(complaintAbout({ [name]: value })).toContain(`${name}: given ${shown}, expected`);
  });

  test('shows itself in no printed form of the settings', () => {
    const config = readConfig({ ...TWILIO, ENCRYPTION_KEY: KEY, BOOTSTRAP_API_KEY: 'hg_demo_0123456789abcdefghij' });
    const printed = JSON.stringify(config) + inspect(config, { depth: 9 }) + String(config.twilio?.authToken);
    expect(printed).not.toMatch(/aaaa|0123456789|correct/);
    expect(new Secret('x').reveal()).toBe('x');
  });
});
