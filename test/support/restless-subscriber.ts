import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { TestApi } from './gql.js';

export interface SeenEvent {
  id: string;
  cursor: string;
  messageId: string;
  status: string;
}

const CHANGES = `subscription ($after: String) { messageStatusChanged(after: $after) { id cursor messageId status } }`;

/** Reads all changes over a socket that can be cut like a cable, and goes on behind the last event that it saw. */
export class RestlessSubscriber {
  /** In the order in which they came, repeats included. */
  readonly seen: SeenEvent[] = [];
  /** What the server refused. */
  readonly refusals: string[] = [];
  resumed = 0;
  private socket: WebSocket | null = null;
  private client: Client | null = null;
  private isDone = false;

  constructor(private readonly api: TestApi) {}

  /** Resolves when the server has taken the connection. */
  async connect(): Promise<void> {
    const connected = Promise.withResolvers<void>();
    const keep = (socket: WebSocket): void => void (this.socket = socket);
    class Cable extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols);
        keep(this);
      }
    }
    const client = createClient({
      url: this.api.graphqlUrl.replace(/^http/, 'ws'),
      webSocketImpl: Cable,
      connectionParams: { authorization: `Bearer ${this.api.key}` },
      retryAttempts: 0,
      on: { connected: () => connected.resolve(), closed: () => void (this.client === client && this.again(client)) },
    });
    this.client = client;
    client.subscribe<{ messageStatusChanged: SeenEvent }>(
      { query: CHANGES, variables: { after: this.seen.at(-1)?.cursor ?? null } },
      {
        next: ({ data, errors }) => (data ? this.seen.push(data.messageStatusChanged) : this.refusals.push(JSON.stringify(errors))),
        error: (error) => Array.isArray(error) && this.refusals.push(JSON.stringify(error)),
        complete: () => undefined,
      },
    );
    await connected.promise;
  }

  /** Cuts the socket without a word; it comes back by itself. */
  cut(): void {
    this.socket?.terminate();
  }

  async close(): Promise<void> {
    this.isDone = true;
    await this.client?.dispose();
    this.socket?.terminate();
  }

  private again(client: Client): void {
    if (this.isDone || this.client !== client) return;
    this.client = null;
    this.resumed++;
    setTimeout(() => void (this.isDone || this.connect()), 50 + Math.random() * 400);
  }
}
