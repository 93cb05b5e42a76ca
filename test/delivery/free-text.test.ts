import { describe, expect, test } from 'vitest';
import { FreeText } from '../../src/delivery/free-text.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import type { MessageProvider } from '../../src/delivery/provider.js';
import { sealContent } from '../../src/messages/message-content.js';
import { Sealer } from '../../src/platform/encryption/sealer.js';
import type { FilledRefs } from '../../src/templates/provider-refs.js';
import { Secret } from '../../src/secret.js';
import { messageRow } from '../support/builders.js';

const sealer = new Sealer([new Secret('ab'.repeat(32))]);
const provider = (name: string, takesAnyTemplate: boolean) =>
  ({
    name,
    channels: ['SMS', 'WHATSAPP'],
    takesAnyTemplate,
    ...(takesAnyTemplate ? {} : { templateRef: 'twilio' }),
  }) as unknown as MessageProvider;
const providers = [provider('twilio', false), provider('simulator', true)];
const freeText = new FreeText(new ProviderDirectory(providers, { WHATSAPP: ['twilio'] }), sealer);

const REFS = { twilio: { contentSid: `HX${'0'.repeat(32)}`, variables: {} } };
const METAS = { whatsapp: { template: 'visit', language: null, parameters: [] } };
const row = ({ providerRefs = undefined as FilledRefs | undefined, ...overrides }) => {
  const made = messageRow({ channel: 'WHATSAPP', templateCode: 'visit', ...overrides });
  return {
    ...made,
    sealed: sealContent(sealer, made.tenantId, { to: '+14155550100', from: null, body: 'Hi', mediaUrls: [], providerRefs }),
  };
};

describe('free text is', () => {
  test.each([
    ['what comes from no template', row({ templateCode: null }), true],
    ['a template that WhatsApp was never shown', row({}), true],
    ['a template that has a reference at another provider only', row({ providerRefs: METAS }), true],
    ['not one that has a reference there', row({ providerRefs: REFS }), false],
    ['not any template where the provider takes them all', row({ requestedProvider: 'simulator' }), false],
    ['not a template by SMS', row({ channel: 'SMS' }), false],
    ['not asked of what was erased', { ...row({}), sealed: null }, false],
    ['not asked of what cannot be opened', { ...row({}), sealed: Buffer.from('nothing') }, false],
  ])('%s', (_what, asked, expected) => {
    expect(freeText.is(asked)).toBe(expected);
  });
});
