import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runningEmbedded } from '../../src/platform/embedded/embedded.js';
import { readEncryptionKey } from '../../src/platform/embedded/encryption-key.js';
import { newDataDir, startServers } from '../support/embedded-servers.js';
import { processesNaming } from '../support/processes.js';

const REDIS = { redis: true };

describe('a data directory', () => {
  test('is refused to a second program while the first one lives', async () => {
    const dataDir = newDataDir();
    const first = await startServers(dataDir, REDIS);
    await expect(startServers(dataDir, REDIS)).rejects.toThrow(
      `Another Heliograph (process ${process.pid}) is using ${dataDir}: stop it, or give this one a folder of its own with DATA_DIR.`,
    );
    expect(await runningEmbedded(dataDir)).toEqual({ redisUrl: first.redisUrl });
  });

  test('is free again after the first has stopped', async () => {
    const dataDir = newDataDir();
    await (await startServers(dataDir, REDIS)).stop();
    expect(await runningEmbedded(dataDir)).toBeNull();
    expect(await startServers(dataDir, REDIS)).toHaveProperty('redisUrl');
  });

  test.each([
    ['a process that is gone', '2147483647 1'],
    ['an earlier process of the same number', `${process.pid} 1`],
    ['nobody, because it was cut short', ''],
  ])('is free when its lock names %s', async (_, lock) => {
    const dataDir = newDataDir();
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'heliograph.pid'), lock);
    expect(await runningEmbedded(dataDir)).toBeNull();
    expect(await startServers(dataDir, REDIS)).toHaveProperty('redisUrl');
  });

  test('is not made when no server is needed', async () => {
    const dataDir = newDataDir();
    const servers = await startServers(dataDir, {});
    expect([servers.databaseUrl, servers.redisUrl, existsSync(dataDir)]).toEqual([undefined, undefined, false]);
  });

  test('is let go, and nothing is left running, when one of two servers does not start', async () => {
    const dataDir = newDataDir();
    await mkdir(join(dataDir, 'postgres/data'), { recursive: true });
    await expect(startServers(dataDir, { postgres: true, redis: true })).rejects.toThrow('postgres/password is missing');
    expect(await processesNaming(dataDir)).toEqual([]);
    expect(await runningEmbedded(dataDir)).toBeNull();
  });
});

test('an encryption key that is lost is missed, not replaced', async () => {
  const dataDir = newDataDir();
  const { stop } = await startServers(dataDir, { postgres: true });
  expect(await readEncryptionKey(dataDir)).toMatch(/^[0-9a-f]{64}$/);
  await stop();
  await rm(join(dataDir, 'encryption.key'));
  await startServers(dataDir, { postgres: true });
  await expect(readEncryptionKey(dataDir)).rejects.toThrow('encryption.key is missing, and without it');
});
