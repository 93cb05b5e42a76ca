import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { PriceTable } from '../delivery/price-table.js';
import { ProviderDirectory } from '../delivery/provider-directory.js';
import { ObservedProvider } from '../delivery/observed-provider.js';
import { SIMULATOR_PRICES } from '../delivery/providers/simulator/simulator-prices.js';
import { startSimulatorServer } from '../delivery/providers/simulator/simulator-server.js';
import { SimulatorProvider } from '../delivery/providers/simulator/simulator.provider.js';
import { TWILIO_PRICES } from '../delivery/providers/twilio/twilio-prices.js';
import { TwilioProvider } from '../delivery/providers/twilio/twilio.provider.js';
import type { Metrics } from '../platform/metrics/metrics.js';
import { Secret } from '../secret.js';

export interface Providers {
  directory: ProviderDirectory;
  prices: PriceTable;
  close(): Promise<void>;
}

/** What the simulator and its webhooks sign with: every process of an installation derives the same. */
export const simulatorSecret = (encryptionKey: Secret): Secret =>
  new Secret(createHash('sha256').update(`simulator ${encryptionKey.reveal()}`).digest('hex'));

/** Of all keys: while they are replaced, one process after the other begins to use the next. */
export function simulatorSecrets(encryptionKeys: readonly Secret[]): { secret: Secret; earlier: Secret[] } {
  const [secret, ...earlier] = encryptionKeys.map(simulatorSecret);
  if (!secret) throw new Error('An encryption key is needed.');
  return { secret, earlier };
}

/** `sends`: whether this process asks providers at all; one that only takes webhooks needs no simulator of its own. */
export async function buildProviders(
  config: Config & { ENCRYPTION_KEY: Secret[] },
  { publicUrl, sends, log, metrics }: { publicUrl: () => string; sends: boolean; log: Logger; metrics: Metrics },
): Promise<Providers> {
  const common = { publicUrl, timeoutMs: config.PROVIDER_TIMEOUT_SECONDS * 1000, connections: config.PROVIDER_CONNECTIONS, log };
  const secrets = simulatorSecrets(config.ENCRYPTION_KEY);
  const own = sends && !config.SIMULATOR_URL ? await startSimulatorServer({ speed: config.SIMULATOR_SPEED, ...secrets, log }) : null;
  const simulator = new SimulatorProvider({ ...common, url: config.SIMULATOR_URL ?? own?.url ?? 'http://127.0.0.1:9', ...secrets });
  const twilio = config.twilio ? new TwilioProvider({ ...common, config: config.twilio }) : null;
  const providers = (twilio ? [simulator, twilio] : [simulator]).map((provider) => new ObservedProvider(provider, metrics));
  return {
    directory: new ProviderDirectory(
      providers,
      { SMS: config.SMS_PROVIDER, WHATSAPP: config.WHATSAPP_PROVIDER },
      config.MESSAGING_MOCK_MODE ? simulator.name : null,
    ),
    // The operator's own first: they may know better.
    prices: new PriceTable([...config.PROVIDER_PRICES, ...SIMULATOR_PRICES, ...TWILIO_PRICES]),
    close: async () => {
      await Promise.all(providers.map((provider) => provider.close()));
      await own?.stop();
    },
  };
}
