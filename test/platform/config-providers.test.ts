import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { complaintAbout, TWILIO } from '../support/settings.js';

const SENDERS = { TWILIO_FROM_NUMBER: '+15005550006', TWILIO_WHATSAPP_NUMBER: '+14155238886' };
const SIMULATED = { MESSAGING_MOCK_MODE: true, SMS_PROVIDER: ['simulator'], WHATSAPP_PROVIDER: ['simulator'] };

describe('mock mode', () => {
  test('is on while no provider has credentials', () => {
    expect(readConfig({})).toMatchObject({ ...SIMULATED, twilio: null, warnings: [] });
  });

  test('sends everything to the simulator whatever else is set', () => {
    const config = readConfig({ ...TWILIO, ...SENDERS, SMS_PROVIDER: 'twilio', MESSAGING_MOCK_MODE: 'true' });
    expect(config).toMatchObject({ ...SIMULATED, warnings: [] });
  });

  test('stays on for a named provider without credentials, with a warning', () => {
    const config = readConfig({ SMS_PROVIDER: 'twilio', TWILIO_ACCOUNT_SID: TWILIO.TWILIO_ACCOUNT_SID });
    expect(config).toMatchObject(SIMULATED);
    expect(config.warnings).toEqual([
      'MOCK MODE, no message reaches anybody. Asking for Twilio: SMS_PROVIDER, TWILIO_ACCOUNT_SID. Missing: TWILIO_AUTH_TOKEN. If the simulator is meant, set MESSAGING_MOCK_MODE=true.',
    ]);
  });

  test('is off once a provider has credentials', () => {
    expect(readConfig({ ...TWILIO, ...SENDERS }).MESSAGING_MOCK_MODE).toBe(false);
  });
});

describe('Twilio', () => {
  test('is the provider of each channel that it has a sender for', () => {
    expect(readConfig({ ...TWILIO, ...SENDERS })).toMatchObject({ SMS_PROVIDER: ['twilio'], WHATSAPP_PROVIDER: ['twilio'], warnings: [] });
  });

  test('sends SMS through a messaging service alone; WhatsApp goes to the simulator, with a warning', () => {
    const config = readConfig({ ...TWILIO, TWILIO_MESSAGING_SERVICE_SID: `MG${'0'.repeat(32)}` });
    expect(config).toMatchObject({ SMS_PROVIDER: ['twilio'], WHATSAPP_PROVIDER: ['simulator'] });
    expect(config.warnings).toEqual([
      'WhatsApp goes to the simulator and reaches nobody: set TWILIO_WHATSAPP_NUMBER to send it, or WHATSAPP_PROVIDER=simulator if that is meant.',
    ]);
  });

  test('gets its account, token, senders and address', () => {
    const { twilio } = readConfig({ ...TWILIO, ...SENDERS, TWILIO_API_BASE_URL: 'http://127.0.0.1:9/' });
    expect(twilio?.authToken.reveal()).toBe('correct horse');
    expect(twilio).toMatchObject({
      accountSid: TWILIO.TWILIO_ACCOUNT_SID,
      fromNumber: '+15005550006',
      whatsappNumber: '+14155238886',
      messagingServiceSid: undefined,
      apiBaseUrl: 'http://127.0.0.1:9',
    });
  });

  test('without a sender is refused where it is named', () => {
    expect(complaintAbout({ ...TWILIO, SMS_PROVIDER: 'twilio,simulator', WHATSAPP_PROVIDER: 'simulator' })).toContain(
      '  TWILIO_FROM_NUMBER: given nothing, expected a sender, or one in TWILIO_MESSAGING_SERVICE_SID, because twilio stands in SMS_PROVIDER',
    );
  });

  test('without credentials is refused where it is named and mock mode is off', () => {
    const complaint = complaintAbout({ ...SENDERS, SMS_PROVIDER: 'twilio', WHATSAPP_PROVIDER: 'twilio', MESSAGING_MOCK_MODE: 'false' });
    const because = 'because twilio stands in SMS_PROVIDER and WHATSAPP_PROVIDER (or set MESSAGING_MOCK_MODE=true)';
    expect(complaint.split('\n')).toEqual([
      '2 settings are wrong:',
      `  TWILIO_ACCOUNT_SID: given nothing, expected that of the Twilio account, ${because}`,
      `  TWILIO_AUTH_TOKEN: given nothing, expected that of the Twilio account, ${because}`,
      'Every setting is described in .env.example.',
    ]);
  });
});

test('the simulator may be chosen without mock mode, and nobody is warned', () => {
  const config = readConfig({ MESSAGING_MOCK_MODE: 'false', SMS_PROVIDER: 'simulator', WHATSAPP_PROVIDER: 'simulator' });
  expect(config).toMatchObject({ ...SIMULATED, MESSAGING_MOCK_MODE: false, warnings: [] });
});

test('a channel that only the simulator serves, unasked, gets a warning outside mock mode', () => {
  expect(readConfig({ MESSAGING_MOCK_MODE: 'false', WHATSAPP_PROVIDER: 'simulator' }).warnings).toEqual([
    'SMS goes to the simulator and reaches nobody: set the TWILIO_ settings to send it, or SMS_PROVIDER=simulator if that is meant.',
  ]);
});
