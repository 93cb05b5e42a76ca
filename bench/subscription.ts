import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A raw client of graphql-transport-ws, for as little load of its own as possible. */
export async function subscribe(
  url: string,
  key: string,
  query: string,
  receive: (text: string) => void,
  variables: object = {},
): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  await once(socket, 'message');
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text.includes('"type":"next"')) receive(text);
    else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}');
    else if (text.includes('"type":"error"')) throw new Error(text);
  });
  socket.on('close', (code) => {
    if (code !== 1000 && code !== 1005) console.error(`a subscriber's socket was closed with ${code}`);
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
  return socket;
}
