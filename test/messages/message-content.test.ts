import { describe, expect, test } from 'vitest';
import { openContent, sealContent, type MessageContent } from '../../src/messages/message-content.js';
import { Sealer } from '../../src/platform/encryption/sealer.js';
import { Secret } from '../../src/secret.js';

const sealer = new Sealer([new Secret('ab'.repeat(32))]);
const full: MessageContent = { to: '+14155550100', from: '+14155550101', body: 'Hello 🎉\0\n"', mediaUrls: ['https://a.example/b.png'] };

describe('the content of a message', () => {
  test.each([
    ['in full', full],
    ['with the least', { to: '+14155550100', from: null, body: '', mediaUrls: [] }],
  ])('comes back as it was sealed (%s)', (_what, content) => {
    expect(openContent(sealer, 'tenant', sealContent(sealer, 'tenant', content))).toEqual(content);
  });

  test('cannot be read in the database', () => {
    const sealed = sealContent(sealer, 'tenant', full).toString('latin1');
    for (const part of ['4155550100', 'Hello', 'example']) expect(sealed).not.toContain(part);
  });

  test('cannot be opened for another tenant', () => {
    expect(() => openContent(sealer, 'another', sealContent(sealer, 'tenant', full))).toThrow('another tenant');
  });
});
