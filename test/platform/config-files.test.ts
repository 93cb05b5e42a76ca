import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidConfig, readConfig } from '../../src/config.js';
import { Settings } from '../../src/settings.js';

const root = process.cwd();

describe('.env.example', () => {
  const example = (): Promise<string> => readFile(join(root, '.env.example'), 'utf8');
  const uncommented = async (): Promise<NodeJS.Dict<string>> => parseEnv((await example()).replace(/^#(?=[A-Z_]+=)/gm, ''));

  test('names exactly the settings there are', async () => {
    expect(Object.keys(await uncommented()).toSorted()).toEqual(Object.keys(Settings.shape).toSorted());
  });

  test('shows the defaults', async () => {
    expect(readConfig(await uncommented())).toEqual(readConfig({}));
  });

  test('sets nothing as it stands', async () => {
    expect(parseEnv(await example())).toEqual({});
  });
});

describe('.env', () => {
  beforeEach(async () => {
    for (const name of ['PORT', 'REDIS_PREFIX']) delete process.env[name];
    process.chdir(await mkdtemp(join(tmpdir(), 'heliograph-env-')));
  });

  afterEach(async () => {
    const folder = process.cwd();
    process.chdir(root);
    await rm(folder, { recursive: true });
  });

  test('of the working directory sets what the environment does not', async () => {
    await writeFile('.env', 'PORT=4321\nREDIS_PREFIX=from-file\n');
    process.env.REDIS_PREFIX = 'from-environment';
    expect(readConfig()).toMatchObject({ PORT: 4321, REDIS_PREFIX: 'from-environment' });
  });

  test('that cannot be read is named, with what is in the way', async () => {
    await mkdir('.env');
    const told = `${join(await realpath('.'), '.env')} cannot be read (EISDIR): make it a file that this user may read, or remove it.`;
    expect(() => readConfig()).toThrow(new InvalidConfig(told));
  });

  test('may be missing', () => {
    expect(readConfig().PORT).toBe(4000);
  });
});
