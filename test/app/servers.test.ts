import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Servers, startServers } from '../../src/app/servers.js';
import { readConfig } from '../../src/config.js';
import { newDataDir } from '../support/embedded-servers.js';

const log = pino({ level: 'silent' });
const OWN = {
  DATABASE_URL: 'postgres://db.invalid/heliograph',
  REDIS_URL: 'redis://redis.invalid',
  ENCRYPTION_KEY: 'a'.repeat(64),
};

async function start(env: Record<string, string>, options?: { share: boolean }): Promise<Servers> {
  const servers = await startServers(readConfig(env), log, options);
  onTestFinished(() => servers.stop());
  return servers;
}

describe('the servers of the settings', () => {
  test('are left as they are, and nothing is started beside them', async () => {
    const { config } = await start({ ...OWN, DATA_DIR: '/proc/nowhere' });
    expect(config).toMatchObject({ DATABASE_URL: OWN.DATABASE_URL, REDIS_URL: OWN.REDIS_URL });
    expect(config.ENCRYPTION_KEY.map((key) => key.reveal())).toEqual([OWN.ENCRYPTION_KEY]);
  });

  test('are completed by embedded ones, and by the key that belongs to the embedded database', async () => {
    const { DATABASE_URL: _, ENCRYPTION_KEY: __, ...redisOnly } = OWN;
    const { config } = await start({ ...redisOnly, DATA_DIR: newDataDir() });
    expect(config.DATABASE_URL).toMatch(/^postgres:\/\/heliograph:.+@127\.0\.0\.1:\d+\/heliograph$/);
    expect(config.REDIS_URL).toBe(OWN.REDIS_URL);
    expect(config.ENCRYPTION_KEY.map((key) => key.reveal())).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });
});

describe('embedded servers of a running program', () => {
  const redisNeeded = (dataDir: string) => ({ DATABASE_URL: OWN.DATABASE_URL, ENCRYPTION_KEY: OWN.ENCRYPTION_KEY, DATA_DIR: dataDir });

  test('serve a command as well, and outlive it', async () => {
    const dataDir = newDataDir();
    const program = await start(redisNeeded(dataDir));
    const command = await startServers(readConfig(redisNeeded(dataDir)), log, { share: true });
    expect(command.config.REDIS_URL).toBe(program.config.REDIS_URL);
    await command.stop();
    expect((await start(redisNeeded(dataDir), { share: true })).config.REDIS_URL).toBe(program.config.REDIS_URL);
  });

  test('are refused to a second program', async () => {
    const dataDir = newDataDir();
    await start(redisNeeded(dataDir));
    await expect(start(redisNeeded(dataDir))).rejects.toThrow(`is using ${dataDir}`);
  });

  test('are no help to a command that needs others', async () => {
    const dataDir = newDataDir();
    await start(redisNeeded(dataDir));
    await expect(start({ DATA_DIR: dataDir }, { share: true })).rejects.toThrow('give both the same DATABASE_URL and REDIS_URL');
  });

  test('are kept from a second command, from whom the first would take them at its end', async () => {
    const dataDir = newDataDir();
    await start(redisNeeded(dataDir), { share: true });
    await expect(start(redisNeeded(dataDir), { share: true })).rejects.toThrow(`is using ${dataDir}`);
  });

  test('are started for a command when nobody runs them', async () => {
    const { config } = await start(redisNeeded(newDataDir()), { share: true });
    expect(config.REDIS_URL).toMatch(/^redis:\/\/:.+@127\.0\.0\.1:\d+$/);
  });
});
