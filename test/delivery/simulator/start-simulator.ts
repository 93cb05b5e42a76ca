import { once } from 'node:events';
import { createServer, type IncomingMessage as HttpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import pino, { type Logger } from 'pino';
import { Secret } from '../../../src/config.js';
import type { IncomingMessage, Receipt } from '../../../src/delivery/provider.js';
import type { LedgerLimits } from '../../../src/delivery/providers/simulator/simulator-ledger.js';
import { startSimulatorServer, type SimulatorServer } from '../../../src/delivery/providers/simulator/simulator-server.js';
import { SimulatorProvider } from '../../../src/delivery/providers/simulator/simulator.provider.js';

export const SECRET = new Secret('a secret for tests');
export const SILENT = pino({ level: 'silent' });

export interface Settings {
  speed?: number;
  timeoutMs?: number;
  connections?: number;
  limits?: LedgerLimits;
  log?: Logger;
}

export interface StartedSimulator {
  server: SimulatorServer;
  provider: SimulatorProvider;
  webhooks: Webhooks;
  close(): Promise<void>;
}

/** What the webhook routes would be: every call is read by the provider itself, so each signature is checked. */
class Webhooks {
  readonly receipts: Receipt[] = [];
  readonly incoming: IncomingMessage[] = [];
  /** Statuses to answer the next calls with instead of reading them. */
  readonly faults: number[] = [];
  calls = 0;

  constructor(private readonly provider: () => SimulatorProvider) {}

  of(messageId: string): Receipt[] {
    return this.receipts.filter((receipt) => receipt.messageId === messageId);
  }

  statuses(messageId: string): string[] {
    return this.of(messageId).map(({ providerStatus }) => providerStatus);
  }

  take(publicUrl: string, { url = '', headers }: HttpRequest, rawBody: string): number {
    this.calls++;
    const fault = this.faults.shift();
    if (fault) return fault;
    const request = { url: publicUrl + url, headers, rawBody };
    const { webhooks } = this.provider();
    if (url.startsWith('/webhooks/simulator/status?')) this.receipts.push(...webhooks.receipts(request));
    else if (url === '/webhooks/simulator/incoming') this.incoming.push(...webhooks.incoming(request));
    else return 404;
    return 200;
  }
}

/** A simulator at high speed, a provider that talks to it, and a receiver of its webhooks. */
export async function startSimulator({
  speed = 1_000,
  timeoutMs = 2_000,
  connections = 8,
  limits,
  log = SILENT,
}: Settings = {}): Promise<StartedSimulator> {
  const webhooks = new Webhooks(() => provider);
  const receiver = createServer((request, response) => {
    void text(request).then((body) => response.writeHead(webhooks.take(publicUrl, request, body)).end());
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const publicUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const server = await startSimulatorServer({ speed, secret: SECRET, limits, log });
  const provider = new SimulatorProvider({ url: server.url, secret: SECRET, publicUrl: () => publicUrl, timeoutMs, connections, log });
  const close = async () => {
    await provider.close();
    await server.stop();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  };
  return { server, provider, webhooks, close };
}

/** GET, or POST of `body`, with the right bearer token unless told otherwise. */
export function call(server: SimulatorServer, path: string, body?: unknown, token = SECRET.reveal()): Promise<Response> {
  return fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}
