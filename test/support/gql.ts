import { print, type DocumentNode } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { MessageQueue } from './message-queue.js';

type Variables = Record<string, unknown>;
type Document = string | DocumentNode;

export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string } & Record<string, unknown>;
}

export interface GraphqlAnswer<T = any> {
  status: number;
  headers: Headers;
  data: T | null | undefined;
  errors: GraphqlError[] | undefined;
  /** The code of the first error. */
  code: string | undefined;
}

const textOf = (document: Document): string => (typeof document === 'string' ? document : print(document));

/** One subscription, on a connection of its own. */
export class TestSubscription<T> {
  private readonly queue = new MessageQueue<T>();
  /** How the socket was closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Resolves when the server has taken the connection. */
  readonly connected: Promise<void>;
  private readonly client: Client;

  constructor(url: string, key: string | undefined, query: string, variables: Variables) {
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    const connected = Promise.withResolvers<void>();
    this.closed = closed.promise;
    this.connected = connected.promise;
    this.client = createClient({
      url: url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: key ? { authorization: `Bearer ${key}` } : {},
      retryAttempts: 0,
      on: {
        connected: () => connected.resolve(),
        closed: (event) => closed.resolve(event as { code: number; reason: string }),
      },
    });
    this.client.subscribe<T>(
      { query, variables },
      {
        next: ({ data, errors }) => (errors ? this.queue.fail(new Error(JSON.stringify(errors))) : this.queue.push(data as T)),
        error: (error) => this.queue.fail(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: () => this.queue.fail(new Error('The subscription is complete.')),
      },
    );
  }

  /** The next event's `data`. Rejects when the subscription ended or nothing came. */
  next(timeoutMs?: number): Promise<T> {
    return this.queue.next(timeoutMs);
  }

  take(count: number, timeoutMs?: number): Promise<T[]> {
    return this.queue.take(count, timeoutMs);
  }

  expectSilence(ms: number): Promise<void> {
    return this.queue.expectSilence(ms);
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}

/** A client of the API. `url` is the server's; without a key nobody is signed in. */
export class TestApi {
  readonly graphqlUrl: string;

  constructor(
    readonly url: string,
    readonly key?: string,
  ) {
    this.graphqlUrl = `${url}/graphql`;
  }

  /** The data; fails the test when there are errors. */
  async query<T = any>(document: Document, variables: Variables = {}): Promise<T> {
    const { data, errors } = await this.execute<T>(document, variables);
    if (errors || !data) throw new Error(`The operation failed: ${JSON.stringify(errors)}\n${textOf(document)}`);
    return data;
  }

  mutate<T = any>(document: Document, variables: Variables = {}): Promise<T> {
    return this.query<T>(document, variables);
  }

  /** Data and errors. */
  async execute<T = any>(document: Document, variables: Variables = {}): Promise<GraphqlAnswer<T>> {
    const response = await this.post(JSON.stringify({ query: textOf(document), variables }));
    const { data, errors } = (await response.json()) as { data?: T; errors?: GraphqlError[] };
    return { status: response.status, headers: response.headers, data, errors, code: errors?.[0]?.extensions.code };
  }

  /** Any body, any header. */
  post(body: string, headers: Record<string, string> = {}): Promise<Response> {
    const authorization = this.key ? { authorization: `Bearer ${this.key}` } : {};
    return fetch(this.graphqlUrl, { method: 'POST', body, headers: { 'content-type': 'application/json', ...authorization, ...headers } });
  }

  subscribe<T = any>(document: Document, variables: Variables = {}): TestSubscription<T> {
    return new TestSubscription<T>(this.graphqlUrl, this.key, textOf(document), variables);
  }
}

export const gql = (url: string, key?: string): TestApi => new TestApi(url, key);
