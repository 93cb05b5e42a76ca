import { describe, expect, test } from 'vitest';
import { checkRecipient, checkTerms, type SendTerms } from '../../src/messages/message-draft.js';
import type { ChannelDirectory } from '../../src/messages/message.ports.js';
import { faultsOf } from '../support/faults-of.js';

const now = new Date('2026-03-01T12:00:00Z');
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const YEAR = 366 * 24 * 3600;

/** SMS by two, WhatsApp by two of which one takes shorter texts, no email. */
const directory = {
  hasChannel: (channel: string) => channel !== 'EMAIL',
  serves: (provider: string, channel: string) => provider === 'twilio' || (provider === 'unifonic' && channel === 'SMS'),
  longestBody: (channel: string, provider: string | null) => (provider === 'twilio' && channel === 'WHATSAPP' ? 1600 : Infinity),
} as ChannelDirectory;

const terms = (overrides: Partial<SendTerms> = {}): SendTerms => ({
  channels: ['SMS'],
  fallbackAfterSeconds: null,
  body: 'Hello',
  mediaUrls: [],
  category: 'UTILITY',
  topic: null,
  language: null,
  sendAt: null,
  expiresAt: null,
  reference: null,
  provider: null,
  idempotencyKey: null,
  ...overrides,
});

/** A legal tag, of 103 characters. */
const LONG_LANGUAGE = `en-x${'-abcdefgh'.repeat(11)}`;

const faults = (overrides: Partial<SendTerms>): string[] => faultsOf(() => checkTerms(terms(overrides), directory, now));

const REFUSED: [string, Partial<SendTerms>, string[]][] = [
  ['no channel', { channels: [] }, ['INVALID_INPUT channels']],
  ['a channel twice', { channels: ['SMS', 'SMS'] }, ['INVALID_INPUT channels']],
  ['very many channels', { channels: Array<'EMAIL'>(200_000).fill('EMAIL') }, ['INVALID_INPUT channels', 'CHANNEL_UNAVAILABLE channels 0']],
  ['a channel that nobody serves', { channels: ['SMS', 'EMAIL'] }, ['CHANNEL_UNAVAILABLE channels 1']],
  ['a provider that does not exist', { provider: 'nobody' }, ['CHANNEL_UNAVAILABLE provider']],
  ['a provider of another channel', { provider: 'unifonic', channels: ['WHATSAPP'] }, ['CHANNEL_UNAVAILABLE provider']],
  ['a provider without a name', { provider: '' }, ['CHANNEL_UNAVAILABLE provider']],
  ['a fallback to nothing', { fallbackAfterSeconds: 60 }, ['INVALID_INPUT fallbackAfterSeconds']],
  ['a fallback at once', { channels: ['SMS', 'WHATSAPP'], fallbackAfterSeconds: 0 }, ['INVALID_INPUT fallbackAfterSeconds']],
  ['a fallback after a week', { channels: ['SMS', 'WHATSAPP'], fallbackAfterSeconds: 604_801 }, ['INVALID_INPUT fallbackAfterSeconds']],
  ['no body', { body: null }, ['INVALID_INPUT body']],
  ['a blank body', { body: ' \n ' }, ['INVALID_INPUT body']],
  ['too long a body', { body: 'x'.repeat(1601) }, ['INVALID_INPUT body']],
  ['a body too long for the second channel', { channels: ['WHATSAPP', 'SMS'], body: 'x'.repeat(1601) }, ['INVALID_INPUT body']],
  ['a body too long for the provider', { channels: ['WHATSAPP'], provider: 'twilio', body: 'x'.repeat(1601) }, ['INVALID_INPUT body']],
  ['eleven media', { mediaUrls: Array<string>(11).fill('https://a.example/b.png') }, ['INVALID_INPUT mediaUrls']],
  ['very many media that are none', { mediaUrls: Array<string>(1000).fill('b.png') }, ['INVALID_INPUT mediaUrls']],
  ['media that are none', { mediaUrls: ['https://a.example', 'b.png'] }, ['INVALID_INPUT mediaUrls 1']],
  ['media from elsewhere', { mediaUrls: ['file:///etc/passwd'] }, ['INVALID_INPUT mediaUrls 0']],
  ['media at too long an address', { mediaUrls: [`https://a.example/${'x'.repeat(2048)}`] }, ['INVALID_INPUT mediaUrls 0']],
  ['media at an address with half a surrogate pair', { mediaUrls: ['https://a.example/\ud83d'] }, ['INVALID_INPUT mediaUrls 0']],
  ['a time beyond a year', { sendAt: inSeconds(YEAR + 1) }, ['INVALID_INPUT sendAt']],
  ['a validity that is over', { expiresAt: now }, ['INVALID_INPUT expiresAt']],
  ['a validity that ends before it begins', { sendAt: inSeconds(60), expiresAt: inSeconds(60) }, ['INVALID_INPUT expiresAt']],
  ['a topic with a blank', { topic: 'two words' }, ['INVALID_INPUT topic']],
  ['an empty topic', { topic: '' }, ['INVALID_INPUT topic']],
  ['too long a topic', { topic: 'x'.repeat(101) }, ['INVALID_INPUT topic']],
  ['an empty reference', { reference: '' }, ['INVALID_INPUT reference']],
  ['too long a reference', { reference: 'x'.repeat(256) }, ['INVALID_INPUT reference']],
  ['an empty idempotency key', { idempotencyKey: '' }, ['INVALID_INPUT idempotencyKey']],
  ['too long an idempotency key', { idempotencyKey: 'x'.repeat(256) }, ['INVALID_INPUT idempotencyKey']],
  ['a language that is none', { language: 'not a language' }, ['INVALID_INPUT language']],
  ['too long a language', { language: LONG_LANGUAGE }, ['INVALID_INPUT language']],
  ['an empty language', { language: '' }, ['INVALID_INPUT language']],
  [
    'several faults, all at once',
    { channels: [], body: null, expiresAt: now, topic: '!' },
    ['INVALID_INPUT channels', 'INVALID_INPUT body', 'INVALID_INPUT expiresAt', 'INVALID_INPUT topic'],
  ],
];

const ACCEPTED: [string, Partial<SendTerms>][] = [
  ['a body and nothing else', {}],
  ['the longest SMS', { body: 'x'.repeat(1600) }],
  ['a long text on WhatsApp', { channels: ['WHATSAPP'], body: 'x'.repeat(4096) }],
  ['decomposed letters that fit once composed', { body: 'e\u0301'.repeat(1600) }],
  ['media without a body', { body: null, mediaUrls: Array<string>(10).fill('https://a.example/b.png') }],
  ['a fallback', { channels: ['WHATSAPP', 'SMS'], fallbackAfterSeconds: 604_800 }],
  ['a provider by name', { provider: 'unifonic' }],
  ['a time that has passed', { sendAt: inSeconds(-60) }],
  ['a time in a year, and a validity', { sendAt: inSeconds(YEAR), expiresAt: inSeconds(YEAR + 1) }],
  ['labels', { topic: 'visits.reminder:24h_a-b', reference: 'x'.repeat(255), idempotencyKey: 'k', language: 'hi-IN' }],
];

describe('the terms of a send', () => {
  test.each(REFUSED)('with %s are refused', (_what, overrides, expected) => {
    expect(faults(overrides)).toEqual(expected);
  });

  test.each(ACCEPTED)('with %s are accepted', (_what, overrides) => {
    expect(faults(overrides)).toEqual([]);
  });
});

describe('a recipient of many', () => {
  test.each([
    [{ reference: '', language: null }, ['INVALID_INPUT reference']],
    [{ reference: 'x'.repeat(256), language: null }, ['INVALID_INPUT reference']],
    [{ reference: 'a\0b', language: null }, ['INVALID_INPUT reference']],
    [{ reference: null, language: 'not a language' }, ['INVALID_INPUT language']],
    [{ reference: null, language: LONG_LANGUAGE }, ['INVALID_INPUT language']],
    [{ reference: null, language: null }, []],
    [{ reference: 'visit 7', language: 'ar' }, []],
  ])('with %o has these faults: %o', (recipient, expected) => {
    expect(faultsOf(() => checkRecipient(recipient))).toEqual(expected);
  });
});
