import { once } from 'node:events';
import { createServer } from 'node:net';
import { keepFile, keptFile } from './kept-file.js';

const ATTEMPTS = 3;

/**
 * Calls `start` with a free port of 127.0.0.1, the one of last time where possible, and keeps its number in a file.
 * Calls it again with another when it failed and a stranger has the port: one may take it between our look and the start.
 */
export async function startOnFreePort<T>(keptIn: string, start: (port: number) => Promise<T>): Promise<T> {
  const last = Number(await keptFile(keptIn));
  let port = last > 0 && (await isFree(last)) ? last : await listenOnce(0);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const started = await start(port);
      await keepFile(keptIn, String(port));
      return started;
    } catch (error) {
      if (attempt === ATTEMPTS || (await isFree(port))) throw error;
      port = await listenOnce(0);
    }
  }
}

export async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}
