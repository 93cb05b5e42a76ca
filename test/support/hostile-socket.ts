import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { TestApi } from './gql.js';
import type { HostileSession } from './hostile-frames.js';

const PROTOCOL = 'graphql-transport-ws';
const LAST = 'the last one';
/** Longer than any answer takes; a server that says nothing by then has nothing to say. */
const SILENCE_MS = 2_000;

/** How it ended: the server's closing code, or `answered` when it still answered at the end. */
export type Ending = number | 'answered';

/** Plays the session, and then asks for something harmless; `refusals` gets the codes of all errors that the server told. */
export async function playSession({ graphqlUrl, key }: TestApi, session: HostileSession, refusals: Set<string>): Promise<Ending> {
  const socket = new WebSocket(graphqlUrl.replace(/^http/, 'ws'), PROTOCOL);
  socket.on('error', () => undefined);
  const [signedIn, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<Ending>()];
  socket.on('close', (code) => ended.resolve(code));
  socket.on('message', (data: Buffer) => {
    const { id, type, payload } = JSON.parse(data.toString()) as { id?: unknown; type: string; payload?: any };
    if (type === 'connection_ack') signedIn.resolve();
    for (const { extensions } of type === 'error' ? payload : (payload?.errors ?? [])) refusals.add(String(extensions?.code));
    if (id === LAST) ended.resolve('answered');
  });
  const say = (frame: string | Buffer): void => (socket.readyState === WebSocket.OPEN ? socket.send(frame) : undefined);
  await once(socket, 'open');
  if (session.signsIn) {
    say(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
    await Promise.race([signedIn.promise, ended.promise]);
  }
  for (const frame of session.frames) say(frame);
  say(JSON.stringify({ id: LAST, type: 'subscribe', payload: { query: '{ viewer { role } }' } }));
  return ended.promise.finally(() => socket.terminate());
}

/** Opens a socket rightly, and then writes these bytes. Resolves when the server has closed it, or says nothing. */
export async function writeBroken({ graphqlUrl }: TestApi, bytes: Buffer): Promise<void> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': PROTOCOL,
  };
  const opening = request(graphqlUrl, { headers, agent: false }).end();
  const [, socket] = (await once(opening, 'upgrade')) as [unknown, Socket];
  socket.on('error', () => undefined);
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  socket.resume();
  socket.write(bytes);
  await once(socket, 'close');
}
