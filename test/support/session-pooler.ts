import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SessionPooler {
  /** The URL of the database, with the pooler's address in it. */
  url: string;
  close(): Promise<void>;
}

const TAKEN = new Set(['user', 'database', 'client_encoding', 'application_name']);
const LENGTH_AND_VERSION = 8;

/** Stands before PostgreSQL as PgBouncer does that pools by session: it refuses new connections with parameters that it does not know. */
export async function startSessionPooler(databaseUrl: string): Promise<SessionPooler> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => void (sockets.delete(one), other.destroy()));
    }
    client.once('data', (startup: Buffer) => {
      const refused = parametersOf(startup).find((name) => !TAKEN.has(name));
      if (refused !== undefined) return client.end(refusal(refused));
      upstream.write(startup);
      client.pipe(upstream).pipe(client);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address() as { port: number };
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: String(address.port) }).toString(),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

const parametersOf = (startup: Buffer): string[] =>
  startup
    .toString('utf8', LENGTH_AND_VERSION)
    .split('\0')
    .filter((name, index) => index % 2 === 0 && name !== '');

function refusal(parameter: string): Buffer {
  const fields = `SFATAL\0C08P01\0Munsupported startup parameter: ${parameter}\0\0`;
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, Buffer.from(fields)]);
}
