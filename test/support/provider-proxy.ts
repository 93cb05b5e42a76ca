import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';

/**
 * - pass: as if nothing stood between
 * - refuse: 500, never handed on (the simulator's word for a certain refusal)
 * - limit: 429, never handed on
 * - lose: cut before it is handed on
 * - cut: handed on and taken, but the answer is cut
 */
export type Fault = 'pass' | 'refuse' | 'limit' | 'lose' | 'cut';

export interface ProviderProxy {
  url: string;
  /** Asked for each send; look-ups always pass. */
  decide: () => Fault;
  delayMs: number;
  close(): Promise<void>;
}

/** Stands before the simulator and spoils what passes. */
export async function startProviderProxy(simulatorUrl: string): Promise<ProviderProxy> {
  const simulator = new Pool(simulatorUrl, { connections: 128, headersTimeout: 0, bodyTimeout: 0 });
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = request.method === 'POST' ? proxy.decide() : 'pass';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (proxy.delayMs > 0 && request.method === 'POST') await new Promise((resolve) => setTimeout(resolve, proxy.delayMs));
    if (fault === 'lose') return void response.destroy();
    if (fault === 'refuse' || fault === 'limit') return answer(response, fault === 'limit' ? 429 : 500);
    const upstream = await simulator.request({
      path: request.url ?? '/',
      method: request.method as 'GET',
      headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
      body: body.length > 0 ? body : null,
    });
    const text = await upstream.body.text();
    if (fault === 'cut') return void response.destroy();
    response.writeHead(upstream.statusCode, { 'content-type': 'application/json' }).end(text);
  };
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: ProviderProxy = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    decide: () => 'pass',
    delayMs: 0,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await simulator.destroy();
    },
  };
  return proxy;
}

const answer = (response: ServerResponse, status: number): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' })
    .end(JSON.stringify({ code: 'unavailable', message: 'spoiled' }));
