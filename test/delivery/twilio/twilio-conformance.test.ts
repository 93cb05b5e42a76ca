import type { OutboundMessage } from '../../../src/delivery/provider.js';
import { describeProvider, type FarSide, type ProviderDriver } from '../../support/provider-conformance.js';
import type { Behaviour, TwilioServer } from '../../support/twilio-server.js';
import { startTwilio } from './start-twilio.js';

const BEHAVIOUR: Record<FarSide, Behaviour> = {
  'takes it': {},
  'refuses the number': {},
  'is too busy': { answer: { status: 429, code: 20429 } },
  'takes it and never answers': { take: true, answer: 'silence' },
  'never answers and never took it': { answer: 'silence' },
};

class TwilioDriver implements ProviderDriver {
  readonly secrets: readonly string[];
  #gone = false;

  constructor(
    readonly server: TwilioServer,
    readonly provider: ProviderDriver['provider'],
  ) {
    const { sid, authToken } = server.account;
    this.secrets = [authToken, Buffer.from(`${sid}:${authToken}`).toString('base64')];
  }

  arrange(farSide: FarSide, message: OutboundMessage): OutboundMessage {
    this.server.next(BEHAVIOUR[farSide]);
    return farSide === 'refuses the number' ? { ...message, to: '+15005550001' } : message;
  }

  taken(messageId: string): number {
    return this.server.sent(messageId);
  }

  report(messageId: string, status: 'delivered' | 'failed' | 'a new word') {
    return this.server.receipt(messageId, status, status === 'failed' ? { errorCode: 30005 } : {});
  }

  async vanish(): Promise<void> {
    this.#gone = true;
    await this.server.close();
  }

  async close(): Promise<void> {
    if (!this.#gone) await this.server.close();
    await this.provider.close();
  }
}

describeProvider('Twilio', async () => {
  const { server, provider } = await startTwilio({ timeoutMs: 150 });
  return new TwilioDriver(server, provider);
});
