import type { Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import type { Context as SocketContext, ServerOptions } from 'graphql-ws';
import { WebSocket } from 'ws';
import { ErrorCode } from '../errors.js';
import type { Viewer } from './context.js';

/** How a socket ends, beside the ways of the graphql-transport-ws protocol. The graphql-ws client comes back after all but 4401, 4429 and 4500. */
export const Ending = {
  GOING_AWAY: [1001, 'Going away'],
  /** Before signing in; ws closes by itself what is too large for everybody. */
  TOO_LARGE: [1009, 'Sign in before large messages'],
  TRY_AGAIN_LATER: [1013, 'Try again later'],
  UNEXPECTED: [4400, 'Unexpected message'],
  UNAUTHORIZED: [4401, 'Unauthorized'],
  /** The key was revoked or has expired. */
  FORBIDDEN: [4403, 'Forbidden'],
  ID_IN_USE: [4409, 'Operation id in use'],
  SLOW_CONSUMER: [4413, 'Slow consumer'],
  TOO_MANY_SOCKETS: [4429, 'Too many connections with this key'],
  FAILED: [4500, 'Internal server error'],
} as const satisfies Record<string, readonly [number, string]>;
export type Ending = (typeof Ending)[keyof typeof Ending];

/** For a client that does not answer the closing handshake. */
const CLOSE_MS = 5_000;

/** So many times what may be on its way may wait behind it: the answers to as many operations as a socket may have, unless they are huge. */
const WAITING = 16;
/** What waiting costs beside the text: without it a client could let a million answers of a few bytes wait. */
const WAITING_OVERHEAD = 1_024;

/** So many times what may be on its way a client may have to read before more leaves for it: the kernel takes on only when a third of its buffer (4 MB) is free again. */
const KERNEL = 2;

/** One client: sends to it at the pace of who reads it, holds a bounded amount for it, and knows whether it is still there. */
export class SocketConnection {
  /** Null until it has signed in. */
  viewer: Viewer | null = null;
  /** The operations under way, as graphql-ws keeps them. */
  operations: SocketContext<Record<string, unknown>, SocketExtra>['subscriptions'] = {};
  /** Takes no more operations. */
  leaving = false;
  /** Heartbeats since the client last said anything. */
  private silentBeats = 0;
  /** As far as the client has read, by its last pong. */
  private readBytes = 0;
  /** What waits for its turn to be sent. */
  private waitingBytes = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: WebSocket,
    /** What the socket writes to. */
    private readonly line: Pick<Socket, 'bytesWritten'>,
    /** What may be on its way before it is waited for. */
    private readonly maxBufferedBytes: number,
    /** To take so much. */
    private readonly patienceMs: number,
  ) {
    socket.on('message', () => (this.silentBeats = 0));
    socket.on('pong', (position) => {
      this.silentBeats = 0;
      this.readBytes = Math.max(this.readBytes, Number(position.toString()) || 0);
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Who waits for it makes things for the client as fast as they are read, and no faster. */
  async send(data: string): Promise<void> {
    if (!this.isOpen) return;
    if (this.waitingBytes === 0 && !this.isFull) return this.socket.send(data);
    // graphql-ws answers pings of strangers too, and there may be many: nothing waits for them.
    if (!this.viewer || this.waitingBytes > WAITING * this.maxBufferedBytes) return this.giveUp();
    const size = data.length + WAITING_OVERHEAD;
    this.waitingBytes += size;
    // Not all handed to the socket: what that writes in one go is seen to be taken only when the whole of it is.
    this.turn = this.turn.then(() => this.sendInTurn(data));
    await this.turn;
    this.waitingBytes -= size;
  }

  /** Ends when no query or mutation waits for its answer: clients repeat those that got none. To be called until it has ended. */
  leave(): void {
    this.leaving = true;
    if (this.isOpen && !Object.values(this.operations).includes(null)) this.end(Ending.GOING_AWAY);
  }

  /** Ends without waiting for anything. */
  cut(): void {
    this.end(Ending.GOING_AWAY);
    this.socket.terminate();
  }

  end([code, reason]: readonly [code?: number, reason?: string]): void {
    this.socket.close(code, reason);
    // The socket may take seconds to close; nothing should be made for it meanwhile.
    for (const stream of Object.values(this.operations))
      if (stream && 'return' in stream) void stream.return(undefined).catch(() => undefined);
    setTimeout(() => this.socket.terminate(), CLOSE_MS).unref();
  }

  /** To be called at even intervals: a client that does not answer is gone, once it has had the time to read what lies before the ping. */
  heartbeat(): void {
    // Megabytes of it can lie in the kernels' buffers, where nothing is seen to move. So each ping says what went before it, and its pong that it was read.
    const sentBytes = this.line.bytesWritten;
    if (this.silentBeats++ > (sentBytes - this.readBytes) / this.maxBufferedBytes) return this.socket.terminate();
    this.socket.ping(String(sentBytes));
  }

  private get isFull(): boolean {
    return this.socket.bufferedAmount > this.maxBufferedBytes;
  }

  private async sendInTurn(data: string): Promise<void> {
    if (!this.isOpen) return;
    if (!this.isFull) return this.socket.send(data);
    const taken = new Promise<void>((resolve) => this.socket.send(data, () => resolve()));
    // A long answer takes longer.
    const timer = setTimeout(() => this.giveUp(), this.patienceMs * (this.socket.bufferedAmount / this.maxBufferedBytes + KERNEL));
    await taken;
    clearTimeout(timer);
  }

  /** Every operation is told, so that a client knows where to resume and why; what waits for it is still delivered. */
  private giveUp(): void {
    if (!this.isOpen) return;
    const error = new GraphQLError('You read slower than changes come. Resume with `after`, from the last cursor you have seen.', {
      extensions: { code: ErrorCode.SLOW_CONSUMER },
    });
    for (const id of Object.keys(this.operations)) this.socket.send(JSON.stringify({ id, type: 'error', payload: [error] }));
    this.end(Ending.SLOW_CONSUMER);
  }
}

export type SocketHooks = Omit<ServerOptions<Record<string, unknown>, SocketExtra>, 'schema'>;

export interface SocketExtra {
  connection: SocketConnection;
  ip: string | null;
  userAgent: string | null;
  authorization: string | null;
}
