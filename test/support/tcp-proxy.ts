import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';

export interface TcpProxy {
  /** The URL of the server, with the proxy's address in it. */
  url: string;
  /** Where new connections go. */
  target: string;
  /** Each chunk waits so long, in both directions. */
  delayMs: number;
  /** Cuts every connection as a crash does; new ones are refused until `open()`. */
  shut(): void;
  open(): void;
  /** Cuts every connection; new ones go through. */
  reset(): void;
  /** What is connected now passes nothing any more and is not closed, as when a host vanishes; new ones go through. */
  mute(): void;
  /** Nothing passes any more, in either direction, and nobody is told; what is written meanwhile passes at `release()`. */
  hold(): void;
  release(): void;
  /** Both ends of each. */
  connections(): Socket[];
  close(): Promise<void>;
}

/** Stands before a real server, so that it can be slow, cut off or replaced while programs keep its address. */
export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const muted = new WeakSet<Socket>();
  let isShut = false;
  let isHeld = false;
  const server = createServer((client) => {
    if (isShut) return client.resetAndDestroy();
    const { hostname, port } = new URL(proxy.target);
    const upstream = connect(Number(port), hostname);
    pipe(client, upstream);
    pipe(upstream, client);
  });
  const pipe = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => {
      if (muted.has(from)) return;
      // Chunks keep their order: timers of equal length fire in the order they were set.
      if (proxy.delayMs > 0) setTimeout(() => to.destroyed || to.write(chunk), proxy.delayMs);
      else to.write(chunk);
    });
    if (isHeld) from.pause();
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const proxy: TcpProxy = {
    url: Object.assign(new URL(serverUrl), { hostname: '127.0.0.1', port: String(port) }).toString(),
    target: serverUrl,
    delayMs: 0,
    shut: () => {
      isShut = true;
      reset();
    },
    open: () => void (isShut = false),
    reset,
    mute: () => sockets.forEach((socket) => muted.add(socket)),
    hold: () => {
      isHeld = true;
      for (const socket of sockets) socket.pause();
    },
    release: () => {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
    connections: () => [...sockets],
    close: async () => {
      reset();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
