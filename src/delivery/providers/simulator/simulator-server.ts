import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { CallbackSender } from './callback-sender.js';
import { SimulatedCarrier } from './simulated-carrier.js';
import { SimulatorLedger, type LedgerLimits, type SimulatedMessage } from './simulator-ledger.js';
import { SimulatorRoutes } from './simulator-routes.js';
import type { SharedSecret } from './simulator-signature.js';
import { TimerWheel } from './timer-wheel.js';

export interface SimulatorServerOptions {
  /** 0, the default: any free one. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** 1 is lifelike, 1000 a thousand times as fast. */
  speed: number;
  /** Callers present it as their bearer token; receipts and inbound messages are signed with it. */
  secret: SharedSecret;
  /** Those of workers whose keys are being replaced: they may call with them. */
  earlier?: readonly SharedSecret[];
  log: Logger;
  limits?: LedgerLimits;
}

export interface SimulatorServer {
  url: string;
  /** How often it was asked to send the message with our id, whatever it answered. */
  asked(messageId: string): number;
  /** How many times a real person would have received it. */
  taken(messageId: string): number;
  takenTotal(): number;
  /** The newest that it took, the oldest of them first. */
  messages(): SimulatedMessage[];
  /** Cuts calls and receipts that are under way and drops those still to come. */
  stop(): Promise<void>;
}

/** A provider of its own, reached over HTTP only. What it knows is in memory and gone when it stops. */
export async function startSimulatorServer(options: SimulatorServerOptions): Promise<SimulatorServer> {
  const { port = 0, host = '127.0.0.1', speed, secret, earlier = [], log, limits } = options;
  const timers = new TimerWheel();
  const ledger = new SimulatorLedger(limits);
  const callbacks = new CallbackSender({ secret, timers, log });
  const carrier = new SimulatedCarrier({ speed, ledger, timers, callbacks });
  const routes = new SimulatorRoutes({ secrets: [secret, ...earlier], ledger, timers, callbacks, carrier, log });
  // Longer than a caller keeps a connection: one closed just as it is used again would leave a send unanswered.
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => void routes.handle(request, response));
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    asked: (messageId) => ledger.countsOf(messageId).asked,
    taken: (messageId) => ledger.countsOf(messageId).taken,
    takenTotal: () => ledger.total.taken,
    messages: () => ledger.messages(),
    async stop() {
      timers.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, callbacks.stop()]);
    },
  };
}
