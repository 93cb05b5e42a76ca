import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface LoadingRedis {
  url: string;
  /** Commands that it has put off. */
  readonly refused: number;
  close(): Promise<void>;
}

/** Answers as Redis does after a start, for as long as it reads its files: to anything of use it says LOADING. */
export async function startLoadingRedis(): Promise<LoadingRedis> {
  const sockets = new Set<Socket>();
  let refused = 0;
  const answer = (name: string): string => {
    if (name === 'AUTH' || name === 'CLIENT' || name === 'SELECT') return '+OK\r\n';
    if (name === 'INFO') return bulk('redis_version:7.2.4\r\nloading:1\r\nloading_eta_seconds:1\r\n');
    refused++;
    return '-LOADING Redis is loading the dataset in memory\r\n';
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let rest = '';
    socket.on('data', (piece) => {
      const { commands, left } = commandsIn(rest + piece.toString('latin1'));
      rest = left;
      for (const command of commands) socket.write(answer(command));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    get refused() {
      return refused;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** The names of the commands that are there in full: `*2 $4 INFO $6 server`, with line ends between. */
function commandsIn(text: string): { commands: string[]; left: string } {
  const commands: string[] = [];
  let left = text;
  for (let end = endOfFirst(left); end > 0; end = endOfFirst(left)) {
    commands.push(left.split('\r\n', 3)[2]?.toUpperCase() ?? '');
    left = left.slice(end);
  }
  return { commands, left };
}

/** 0 while the first command is not there in full. */
function endOfFirst(text: string): number {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return 0;
  let at = head[0].length;
  for (let part = 0; part < Number(head[1]); part++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (!size) return 0;
    at += size[0].length + Number(size[1]) + 2;
  }
  return at <= text.length ? at : 0;
}
