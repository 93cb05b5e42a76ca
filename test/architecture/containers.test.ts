import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Settings } from '../../src/settings.js';

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  env_file?: { path: string; required: boolean }[];
  environment?: Record<string, string | number>;
  ports?: string[];
  stop_grace_period?: string;
}

const { services } = parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as { services: Record<string, Service> };
const own = Object.entries(services).filter(([, { build }]) => build);
const ROLES = ['api', 'worker', 'scheduler'];

/** What only the person who runs it can know comes from .env; these are matters of how the containers stand together. */
const DECIDED = ['DATABASE_URL', 'REDIS_URL', 'ROLES', 'HOST', 'PORT', 'METRICS_PORT', 'DATA_DIR'];

describe('compose.yaml', () => {
  test('runs each role by itself, with PostgreSQL, Redis and one simulator for all workers', () => {
    expect(Object.keys(services)).toEqual([...ROLES, 'simulator', 'postgres', 'redis']);
    expect(ROLES.map((role) => services[role]?.environment?.['ROLES'])).toEqual(ROLES);
    expect(services['simulator']?.command?.slice(2)).toEqual([
      'dist/cli/heliograph.js',
      'simulator',
      '--host',
      '0.0.0.0',
      '--port',
      '4010',
    ]);
    expect(services['worker']?.environment?.['SIMULATOR_URL']).toBe('${SIMULATOR_URL:-http://simulator:4010}');
  });

  test.each(own.map(([name]) => name))('hands every setting of .env to %s, but for those that it decides', (name) => {
    const { env_file: files, environment = {} } = services[name] ?? {};
    expect(files).toEqual([{ path: '.env', required: false }]);
    // What stands here goes before .env, and so must ask for it.
    const fixed = Object.entries(environment).filter(([setting, value]) => !String(value).startsWith(`\${${setting}:`));
    expect(fixed.map(([setting]) => setting).filter((setting) => !DECIDED.includes(setting))).toEqual([]);
    expect(Object.keys(environment).filter((setting) => !(setting in Settings.shape))).toEqual([]);
  });

  test('keeps what Redis holds over a restart, bounds it, and throws none of it away for want of room', () => {
    const settings = ['--appendonly', 'yes', '--maxmemory', '512mb', '--maxmemory-policy', 'noeviction'];
    expect(services['redis']?.command).toEqual(['valkey-server', ...settings]);
  });

  test('has connections for three workers, two of each other role, and a person', () => {
    const [, limit = '0'] = services['postgres']?.command?.at(-1)?.match(/^max_connections=(\d+)$/) ?? [];
    const each = Settings.parse({}).DATABASE_CONNECTIONS * 1.25;
    expect(Number(limit)).toBeGreaterThan(7 * each + 2 * 4 + 10);
  });

  test('shows only the API, and only to this machine', () => {
    const shown = Object.entries(services).filter(([, { ports }]) => ports);
    expect(shown.map(([name, { ports }]) => [name, ports])).toEqual([['api', ['127.0.0.1:4000:4000']]]);
  });

  test('gives a stop more time than DRAIN_SECONDS', () => {
    const drain = Settings.parse({}).DRAIN_SECONDS;
    for (const [, { stop_grace_period: grace = '' }] of own) expect(Number.parseInt(grace, 10)).toBeGreaterThan(drain);
  });
});

describe('the Dockerfile', () => {
  const stages = readFileSync('Dockerfile', 'utf8')
    .split(/^(?=FROM )/m)
    .slice(1);
  const instructions = (stage = ''): string[][] => [...stage.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]);

  test('builds in one stage and runs in another, which takes only what was built', () => {
    expect(stages).toHaveLength(2);
    const copied = instructions(stages[1]).filter(([name]) => name === 'COPY');
    expect(copied.every(([, rest = '']) => rest.startsWith('--from=build '))).toBe(true);
    expect(stages[0]).toContain('npm prune --omit=dev');
  });

  test('runs the program as somebody who is not root, and hands it the signals', () => {
    const last = instructions(stages[1]);
    expect(last.findIndex(([name]) => name === 'USER')).toBeLessThan(last.findIndex(([name]) => name === 'CMD'));
    expect(last.find(([name]) => name === 'USER')?.[1]).toBe('heliograph');
    expect(last.find(([name]) => name === 'RUN')?.[1]).toMatch(/useradd --uid 10001 .*heliograph/);
    expect(last.find(([name]) => name === 'CMD')?.[1]).toBe('["node", "--enable-source-maps", "dist/main.js"]');
  });

  test('takes no secrets and no packages of this machine along', () => {
    expect(existsSync('.dockerignore')).toBe(true);
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', 'node_modules']));
  });
});
