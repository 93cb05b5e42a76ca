import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Given, InvalidConfig, invalidConfig, misspelt, type WrongSetting } from './config-errors.js';
import type { Secret } from './secret.js';
import { type ProviderName, Settings } from './settings.js';

export { InvalidConfig } from './config-errors.js';
export { Secret } from './secret.js';

export interface TwilioConfig {
  accountSid: string;
  authToken: Secret;
  fromNumber?: string;
  whatsappNumber?: string;
  messagingServiceSid?: string;
  apiBaseUrl?: string;
}

export interface Config extends Settings {
  /** Absolute. */
  DATA_DIR: string;
  /** True: everything goes to the simulator, and both provider lists say so. */
  MESSAGING_MOCK_MODE: boolean;
  SMS_PROVIDER: ProviderName[];
  WHATSAPP_PROVIDER: ProviderName[];
  /** Null without both account and token. */
  twilio: TwilioConfig | null;
  /** For the operator, to be logged at the start. */
  warnings: string[];
}

/** The only reader of the environment, to which it adds the file `.env` of the working directory. Throws InvalidConfig. */
export function readConfig(env: Given = processEnvironment()): Config {
  const given = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));
  const parsed = Settings.safeParse(given);
  if (!parsed.success)
    throw invalidConfig(
      parsed.error.issues.map((issue) => ({ name: String(issue.path[0]), expected: issue.message })),
      given,
    );
  const settings = parsed.data;
  const config: Config = {
    ...settings,
    ...routesOf(settings),
    DATA_DIR: resolve(settings.DATA_DIR),
    twilio: twilioOf(settings),
    warnings: misspelt(given, Object.keys(Settings.shape)),
  };
  const wrong = contradictions(settings, config);
  if (wrong.length > 0) throw invalidConfig(wrong, given);
  config.warnings.push(...surprises(settings, config));
  return config;
}

function processEnvironment(): Given {
  if (existsSync('.env')) {
    expectReadable('.env');
    // Leaves alone what the environment already has.
    process.loadEnvFile('.env');
  }
  return process.env;
}

/** `loadEnvFile` says of what it may not read that there is no such file, and of a folder that it is no string. */
function expectReadable(file: string): void {
  try {
    readFileSync(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new InvalidConfig(`${resolve(file)} cannot be read (${code}): make it a file that this user may read, or remove it.`);
  }
}

function twilioOf(settings: Settings): TwilioConfig | null {
  if (!settings.TWILIO_ACCOUNT_SID || !settings.TWILIO_AUTH_TOKEN) return null;
  return {
    accountSid: settings.TWILIO_ACCOUNT_SID,
    authToken: settings.TWILIO_AUTH_TOKEN,
    fromNumber: settings.TWILIO_FROM_NUMBER,
    whatsappNumber: settings.TWILIO_WHATSAPP_NUMBER,
    messagingServiceSid: settings.TWILIO_MESSAGING_SERVICE_SID,
    apiBaseUrl: settings.TWILIO_API_BASE_URL,
  };
}

/** A provider that has what it needs is used without being named. */
function routesOf(settings: Settings): Pick<Config, 'MESSAGING_MOCK_MODE' | 'SMS_PROVIDER' | 'WHATSAPP_PROVIDER'> {
  const twilio = twilioOf(settings);
  if (settings.MESSAGING_MOCK_MODE ?? twilio === null)
    return { MESSAGING_MOCK_MODE: true, SMS_PROVIDER: ['simulator'], WHATSAPP_PROVIDER: ['simulator'] };
  return {
    MESSAGING_MOCK_MODE: false,
    SMS_PROVIDER: settings.SMS_PROVIDER ?? [twilio?.fromNumber || twilio?.messagingServiceSid ? 'twilio' : 'simulator'],
    // Not for the messaging service alone: most have no WhatsApp sender.
    WHATSAPP_PROVIDER: settings.WHATSAPP_PROVIDER ?? [twilio?.whatsappNumber ? 'twilio' : 'simulator'],
  };
}

const CHANNELS = [
  { provider: 'SMS_PROVIDER', sender: 'TWILIO_FROM_NUMBER', what: 'SMS' },
  { provider: 'WHATSAPP_PROVIDER', sender: 'TWILIO_WHATSAPP_NUMBER', what: 'WhatsApp' },
] as const;

/** What no variable shows by itself. */
function contradictions(settings: Settings, config: Config): WrongSetting[] {
  const wrong: WrongSetting[] = [];
  if (settings.DATABASE_URL && !settings.ENCRYPTION_KEY)
    wrong.push({
      name: 'ENCRYPTION_KEY',
      expected: '64 hexadecimal digits (openssl rand -hex 32), because DATABASE_URL is set: what it holds is unreadable without its key',
    });
  if (settings.METRICS_PORT === settings.PORT && settings.ROLES.includes('api'))
    wrong.push({ name: 'METRICS_PORT', expected: 'another port than PORT, or nothing' });
  const overTwilio = CHANNELS.filter(({ provider }) => config[provider].includes('twilio'));
  const namedBy = overTwilio.map(({ provider }) => provider).join(' and ');
  if (overTwilio.length > 0)
    for (const name of ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'] as const)
      if (!settings[name])
        wrong.push({ name, expected: `that of the Twilio account, because twilio stands in ${namedBy} (or set MESSAGING_MOCK_MODE=true)` });
  for (const { provider, sender } of overTwilio)
    if (!settings[sender] && !settings.TWILIO_MESSAGING_SERVICE_SID)
      wrong.push({ name: sender, expected: `a sender, or one in TWILIO_MESSAGING_SERVICE_SID, because twilio stands in ${provider}` });
  return wrong;
}

/** What is allowed, and probably not meant. */
function surprises(settings: Settings, config: Config): string[] {
  if (config.MESSAGING_MOCK_MODE) return unmeantMock(settings);
  const lines: string[] = [];
  for (const { provider, sender, what } of CHANNELS)
    if (!settings[provider] && !config[provider].includes('twilio'))
      lines.push(
        `${what} goes to the simulator and reaches nobody: set ${config.twilio ? sender : 'the TWILIO_ settings'} to send it, or ${provider}=simulator if that is meant.`,
      );
  return lines;
}

function unmeantMock(settings: Settings): string[] {
  const asking = Object.entries(settings).filter(([name, value]) =>
    name.startsWith('TWILIO_') ? value !== undefined : Array.isArray(value) && value.some((item) => item === 'twilio'),
  );
  if (settings.MESSAGING_MOCK_MODE === true || asking.length === 0) return [];
  const missing = (['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'] as const).filter((name) => !settings[name]);
  return [
    `MOCK MODE, no message reaches anybody. Asking for Twilio: ${asking.map(([name]) => name).join(', ')}. Missing: ${missing.join(', ')}. If the simulator is meant, set MESSAGING_MOCK_MODE=true.`,
  ];
}
