import type { Fetcher, FetcherParams, Observable } from '@graphiql/toolkit';
import { getOperationAST, parse, type ExecutionResult, type OperationDefinitionNode } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { fillIn, noteSent } from './last-sent.js';

const ENDPOINT = new URL('/graphql', location.href);
const SOCKET = ENDPOINT.href.replace(/^http/, 'ws');
/** Events that stay on the screen below the newest. */
const EARLIER = 20;

export interface Connection {
  fetcher: Fetcher;
  /** Ends the subscriptions. */
  close(): void;
}

/** To the API, over HTTP and for subscriptions over a socket, with this key; an empty one is that of nobody. */
export function connect(key: string): Connection {
  const credentials: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const sockets = createClient({ url: SOCKET, connectionParams: credentials });
  const fetcher: Fetcher = (params) => {
    // The schema is open to everybody, and a wrong key must not take the documentation away.
    if (params.operationName === 'IntrospectionQuery') return post(params, {});
    const operation = operationOf(params);
    const request = { ...params, operationName: operation?.name?.value, variables: fillIn(params.variables) };
    return operation?.operation === 'subscription' ? watch(sockets, request) : send(request, credentials);
  };
  return { fetcher, close: () => void sockets.dispose() };
}

/** GraphiQL may still name the operation of the tab before. Null where the server will say what is wrong. */
function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | null | undefined {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null;
  }
}

async function send(params: FetcherParams, credentials: Record<string, string>): Promise<ExecutionResult> {
  const answer = await post(params, credentials);
  noteSent(answer.data);
  return answer;
}

export async function post(body: object, headers: Record<string, string>): Promise<ExecutionResult> {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json;q=0.9', ...headers },
    body: JSON.stringify(body),
  });
  return response.json() as Promise<ExecutionResult>;
}

/** GraphiQL shows one answer at a time: each event carries those before it along. */
function watch(sockets: Client, params: FetcherParams): Observable<ExecutionResult> {
  let earlier: unknown[] = [];
  const subscribe = (observer: Observer): { unsubscribe(): void } => {
    const unsubscribe = sockets.subscribe(params, {
      next: (event) => {
        observer.next({ ...event, earlier } as ExecutionResult);
        earlier = [event.data, ...earlier].slice(0, EARLIER);
      },
      error: (error) =>
        observer.error(error instanceof CloseEvent ? { message: `The socket was closed: ${error.code} ${error.reason}` } : error),
      complete: () => observer.complete(),
    });
    return { unsubscribe };
  };
  return { subscribe: subscribe as Observable<ExecutionResult>['subscribe'] };
}

interface Observer {
  next(value: ExecutionResult): void;
  error(error: unknown): void;
  complete(): void;
}
