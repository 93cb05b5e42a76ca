import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError, ErrorCode } from '../errors.js';
import { isUnavailable } from '../platform/database/database.js';
import { clientAddress } from '../platform/http/client-address.js';
import { LiveSockets } from './live-sockets.js';
import { LONGEST_FROM_NOBODY } from './admission.js';
import { OperationTurns } from './operation-turns.js';
import { Ending, SocketConnection, type SocketExtra } from './socket-connection.js';
import { socketOperations, type SocketOperationOptions } from './socket-operations.js';

export interface SocketServerOptions extends SocketOperationOptions {
  path: string;
  trustProxy: boolean;
  /** Which of these keys may no longer be used. Asked every few seconds, because a published revocation can be lost. */
  endedKeys(keyIds: string[]): Promise<string[]>;
  /** Shorter than `patienceMs`, it would end clients that are patiently sent to: they have one for each `maxBufferedBytes` that lies before a ping. */
  heartbeatMs?: number;
  revalidateMs?: number;
  /** How long a new socket may take to sign in. */
  initMs?: number;
  maxMessageBytes?: number;
  /** What may be on its way to one client before it is waited for, and how long so much may take. */
  maxBufferedBytes?: number;
  patienceMs?: number;
  maxSocketsPerKey?: number;
}

const PROTOCOL = 'graphql-transport-ws';
/** What graphql-ws throws at a client that says what only a server says; all else that is wrong it closes by itself. */
const UNEXPECTED = /^Unexpected message of type \w+ received$/;

function refuseUpgrade(stream: Duplex, status: string, headers = ''): void {
  // Ending alone leaves the other half open for as long as the client likes.
  stream.once('finish', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`);
}

/**
 * Subscriptions (and any other operation) over graphql-transport-ws. A page of another origin may open a socket, but has
 * nothing to sign in with: keys travel in the first message or in a header, never in a cookie. So `Origin` is not asked.
 */
export class SocketServer {
  private readonly sockets = new LiveSockets();
  private readonly server: WebSocketServer;
  private readonly timers: NodeJS.Timeout[];
  private stopping = false;

  constructor(private readonly options: SocketServerOptions) {
    const protocol = makeServer<Record<string, unknown>, SocketExtra>({
      ...socketOperations(options),
      connectionInitWaitTimeout: options.initMs ?? 5_000,
      onConnect: ({ extra, connectionParams, subscriptions }) => {
        extra.connection.operations = subscriptions;
        return this.signIn(extra, connectionParams?.['authorization'] ?? connectionParams?.['Authorization'] ?? extra.authorization);
      },
    });
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessageBytes ?? 1_048_576,
      handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
    });
    this.server.on('connection', (socket: WebSocket, request: IncomingMessage) => this.accept(protocol, socket, request));
    this.timers = [
      setInterval(() => this.sockets.heartbeat(), options.heartbeatMs ?? 12_000),
      setInterval(() => void this.revalidate(), options.revalidateMs ?? 5_000),
    ];
  }

  attach(http: Server): void {
    http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      stream.on('error', () => stream.destroy());
      void this.upgrade(request, stream, head);
    });
  }

  /** Closes the sockets of a key that was revoked. */
  endKey(keyId: string): void {
    this.sockets.endKey(keyId);
  }

  /** Clients are told to come back elsewhere, once they have their answers, or after `graceMs`. Resolves when all sockets are closed. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    await this.sockets.leave(graceMs);
    for (const timer of this.timers) clearInterval(timer);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    if (request.url?.split('?')[0] !== this.options.path) return refuseUpgrade(stream, '404 Not Found');
    try {
      await this.options.admission.arrive(clientAddress(request, this.options.trustProxy));
    } catch (error) {
      const limited = error instanceof AppError && error.code === ErrorCode.RATE_LIMITED;
      if (!limited) return refuseUpgrade(stream, '500 Internal Server Error');
      return refuseUpgrade(stream, '429 Too Many Requests', `Retry-After: ${String(error.details['retryAfterSeconds'])}\r\n`);
    }
    if (this.stopping) return refuseUpgrade(stream, '503 Service Unavailable');
    this.server.handleUpgrade(request, stream, head, (socket) => this.server.emit('connection', socket, request));
  }

  private accept(
    protocol: ReturnType<typeof makeServer<Record<string, unknown>, SocketExtra>>,
    socket: WebSocket,
    request: IncomingMessage,
  ): void {
    const { maxBufferedBytes = 1_048_576, patienceMs = 10_000 } = this.options;
    const connection = new SocketConnection(socket, request.socket, maxBufferedBytes, patienceMs);
    const extra: SocketExtra = {
      connection,
      ip: clientAddress(request, this.options.trustProxy),
      userAgent: request.headers['user-agent'] ?? null,
      authorization: request.headers.authorization ?? null,
    };
    this.sockets.add(connection);
    // A frame that is too large or malformed: ws closes the socket with the right code by itself.
    socket.on('error', (error) => this.options.errors.log.debug({ err: error }, 'a socket failed'));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // An operation waits for a client that reads slowly; what changes meanwhile waits in a queue, and that counts.
        send: (data) => connection.send(data),
        // Not the socket's own close, which waits half a minute for a client that does not answer. A reason may quote an operation's id,
        // and has 123 bytes of room.
        close: (code, reason) => connection.end([code, reason?.slice(0, 123 / 3)]),
        onMessage: (receive) => {
          const turns = new OperationTurns(connection, receive, this.options.maxOperations);
          socket.on('message', (data: Buffer) => {
            // They come until the client has answered the close frame, and nobody would get their answers.
            if (!connection.isOpen) return;
            if (!connection.viewer && data.length > LONGEST_FROM_NOBODY) return connection.end(Ending.TOO_LARGE);
            turns.take(data.toString()).catch((error: unknown) => this.fail(connection, error));
          });
        },
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      this.sockets.remove(connection);
      closed(code, String(reason)).catch((error: unknown) =>
        this.options.errors.log.error({ err: error }, 'a subscription could not be ended'),
      );
    });
  }

  private async signIn(extra: SocketExtra, authorization: unknown): Promise<boolean> {
    const { connection } = extra;
    const viewer = await this.options.admission.signIn(authorization, extra).catch((error: unknown) => {
      if (error instanceof AppError && error.code === ErrorCode.UNAUTHENTICATED) return null;
      throw error;
    });
    // The client may have left meanwhile, and would then never be removed.
    if (!connection.isOpen) return false;
    if (!viewer) connection.end(Ending.UNAUTHORIZED);
    else if (viewer.keyId && !this.sockets.signIn(connection, viewer.keyId, this.options.maxSocketsPerKey ?? 1_000))
      connection.end(Ending.TOO_MANY_SOCKETS);
    else connection.viewer = viewer;
    return connection.viewer !== null;
  }

  private fail(connection: SocketConnection, error: unknown): void {
    if (UNEXPECTED.test(String((error as Error | null)?.message))) return connection.end(Ending.UNEXPECTED);
    // Clients come back after 1013, and not after 4500.
    const passing = error instanceof AppError || isUnavailable(error);
    if (!passing) this.options.errors.log.error({ err: error }, 'a socket message failed');
    connection.end(passing ? Ending.TRY_AGAIN_LATER : Ending.FAILED);
  }

  private async revalidate(): Promise<void> {
    const keyIds = this.sockets.keyIds();
    if (keyIds.length === 0) return;
    try {
      for (const keyId of await this.options.endedKeys(keyIds)) this.sockets.endKey(keyId);
    } catch (error) {
      this.options.errors.log.warn({ err: error }, 'open sockets could not be checked for revoked keys; trying again shortly');
    }
  }
}
