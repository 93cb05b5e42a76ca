import type { OutboundMessage, WebhookRequest } from '../../../src/delivery/provider.js';
import type { Report } from '../../../src/delivery/providers/simulator/simulator-protocol.js';
import { SIGNATURE_HEADER, signatureOf } from '../../../src/delivery/providers/simulator/simulator-signature.js';
import { describeProvider, type FarSide, type ProviderDriver } from '../../support/provider-conformance.js';
import { SECRET, startSimulator, type StartedSimulator } from './start-simulator.js';

const NUMBER: Record<FarSide, string> = {
  'takes it': '+15005550006',
  'refuses the number': '+15005550001',
  'is too busy': '+15005550011',
  'takes it and never answers': '+15005550010',
  'never answers and never took it': '+15005550016',
};

class SimulatorDriver implements ProviderDriver {
  readonly secrets = [SECRET.reveal()];

  constructor(private readonly started: StartedSimulator) {}

  get provider(): ProviderDriver['provider'] {
    return this.started.provider;
  }

  arrange(farSide: FarSide, message: OutboundMessage): OutboundMessage {
    return { ...message, to: NUMBER[farSide] };
  }

  taken(messageId: string): number {
    return this.started.server.taken(messageId);
  }

  report(messageId: string, status: 'delivered' | 'failed' | 'a new word'): WebhookRequest {
    const message = this.started.server.messages().find(({ id }) => id === messageId);
    if (!message) throw new Error('The simulator has not taken this message.');
    const { sid, segments, price, callbackUrl: url } = message;
    const failure = status === 'failed' ? { errorCode: 'unreachable', errorMessage: 'The phone could not be reached.' } : {};
    const report: Report = {
      sid,
      status: status === 'failed' ? 'undelivered' : status,
      ...failure,
      segments,
      price,
      at: new Date().toISOString(),
    };
    const rawBody = JSON.stringify(report);
    return { url, rawBody, headers: { [SIGNATURE_HEADER]: signatureOf(SECRET, { url, rawBody }) } };
  }

  vanish(): Promise<void> {
    return this.started.server.stop();
  }

  close(): Promise<void> {
    return this.started.close();
  }
}

describeProvider('the simulator', async () => new SimulatorDriver(await startSimulator({ timeoutMs: 150 })));
