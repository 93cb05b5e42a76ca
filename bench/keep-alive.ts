import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * Posts ready-made requests, one at a time on each of its connections. Less than an HTTP client, so that the load takes
 * as little as possible of the machine that it shares with what is measured.
 */
export class KeepAlive {
  private readonly idle: Socket[] = [];
  private waiting: Buffer[] = [];
  private nextWaiting = 0;
  private readonly sockets: Socket[] = [];
  private left = 0;
  private finished: () => void = () => undefined;
  readonly statuses = new Map<string, number>();

  static async open(origin: string, connections: number): Promise<KeepAlive> {
    const all = new KeepAlive();
    const { hostname, port } = new URL(origin);
    await Promise.all(Array.from({ length: connections }, () => all.connect(hostname, Number(port))));
    return all;
  }

  /** Resolves when all that was posted is answered. */
  async post(requests: readonly Buffer[]): Promise<void> {
    this.left += requests.length;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = resolve;
    for (const request of requests) this.add(request);
    await promise;
  }

  /** At once, where a connection is free. Who calls it does not wait. */
  add(request: Buffer): void {
    const socket = this.idle.pop();
    if (socket) socket.write(request);
    else this.waiting.push(request);
  }

  /** Without shift(), which moves all that wait behind it. */
  private next(): Buffer | undefined {
    const next = this.waiting[this.nextWaiting++];
    if (!next) {
      this.waiting = [];
      this.nextWaiting = 0;
    }
    return next;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async connect(host: string, port: number): Promise<void> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    this.sockets.push(socket);
    this.idle.push(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = endOfAnswer(text);
      if (end === null) return;
      const status = text.slice(9, 12);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      text = text.slice(end);
      const next = this.next();
      if (next) socket.write(next);
      else this.idle.push(socket);
      if (--this.left === 0) this.finished();
    });
    socket.on('close', () => this.statuses.set('closed', (this.statuses.get('closed') ?? 0) + 1));
    socket.on('error', () => undefined);
  }
}

function endOfAnswer(text: string): number | null {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  const end = head + 4 + Number(length ?? 0);
  return text.length >= end ? end : null;
}
