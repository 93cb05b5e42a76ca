import { WebSocket, type ClientOptions } from 'ws';
import { MessageQueue } from './message-queue.js';

export interface Frame {
  id?: string;
  type: string;
  payload?: any;
}

/** A socket that speaks graphql-transport-ws by hand, for what a well-behaved client never does. */
export class RawSocket {
  private readonly frames = new MessageQueue<Frame>();
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })));
    void this.closed.then(({ code }) => this.frames.fail(new Error(`The socket was closed: ${code}.`)));
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as Frame));
    socket.on('error', () => undefined);
  }

  static async open(url: string, options: ClientOptions = {}): Promise<RawSocket> {
    const raw = new RawSocket(new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', options));
    await new Promise<void>((resolve, reject) => {
      raw.socket.once('open', resolve);
      raw.socket.once('error', reject);
    });
    return raw;
  }

  /** Opened and signed in. */
  static async signedIn(url: string, key: string): Promise<RawSocket> {
    const raw = await RawSocket.open(url);
    raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    await raw.next();
    return raw;
  }

  send(frame: Frame): void {
    this.socket.send(JSON.stringify(frame));
  }

  operate(id: string, query: string, variables: Record<string, unknown> = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  next(timeoutMs?: number): Promise<Frame> {
    return this.frames.next(timeoutMs);
  }

  close(): void {
    this.socket.terminate();
  }
}
