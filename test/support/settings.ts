import { InvalidConfig, readConfig } from '../../src/config.js';

/** Credentials of a Twilio account that does not exist. */
export const TWILIO = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'correct horse' };

/** What a person reads when the program starts with this environment. */
export function complaintAbout(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof InvalidConfig) return error.message;
    throw error;
  }
  throw new Error('These settings are right.');
}
