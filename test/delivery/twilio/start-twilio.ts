import pino, { type Logger } from 'pino';
import { Secret, type TwilioConfig } from '../../../src/config.js';
import { TwilioProvider } from '../../../src/delivery/providers/twilio/twilio.provider.js';
import { startTwilioServer, type TwilioServer } from '../../support/twilio-server.js';

export const PUBLIC_URL = 'https://messages.example.test';

interface ProviderSettings extends Partial<TwilioConfig> {
  timeoutMs?: number;
  connections?: number;
  publicUrl?: string;
  log?: Logger;
}

export interface StartedTwilio {
  server: TwilioServer;
  provider: TwilioProvider;
  close(): Promise<void>;
}

/** A provider with both senders, unless told otherwise. */
export function twilioProvider({ timeoutMs = 2_000, connections = 8, publicUrl = PUBLIC_URL, log, ...config }: ProviderSettings) {
  return new TwilioProvider({
    config: {
      accountSid: `AC${'1'.padStart(32, '0')}`,
      authToken: new Secret('fake_auth_token_for_tests'),
      fromNumber: '+15005550006',
      whatsappNumber: '+15551230000',
      ...config,
    },
    publicUrl: () => publicUrl,
    timeoutMs,
    connections,
    log: log ?? pino({ level: 'silent' }),
  });
}

/** A Twilio and a provider that talks to it. */
export async function startTwilio(settings: ProviderSettings = {}): Promise<StartedTwilio> {
  const server = await startTwilioServer();
  const provider = twilioProvider({ apiBaseUrl: server.url, ...settings });
  const close = async () => {
    await server.close();
    await provider.close();
  };
  return { server, provider, close };
}
