import type { LastAsked, Outcome, OutcomeSettings } from '../../src/delivery/outcome.js';
import { ProviderError, type Accepted, type Receipt } from '../../src/delivery/provider.js';
import type { Report } from '../../src/delivery/receipt-change.js';
import type { MessageFact } from '../../src/messages/message-fact.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { UNSENT } from '../../src/messages/unsent.js';
import { newId } from '../../src/platform/ids.js';

/** The moment at which the rows of `messageRow` were accepted; outcomes and receipts come a second later. */
export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const LATER = new Date(NOW.getTime() + 1_000);

/** A message that was accepted and waits for its first attempt. */
export const messageRow = (overrides: Partial<MessageRow> = {}): MessageRow => ({
  ...UNSENT,
  id: newId(),
  tenantId: '01900000-0000-7000-8000-000000000001',
  channel: 'SMS',
  category: 'UTILITY',
  topic: null,
  lane: 'transactional',
  status: 'QUEUED',
  sealed: Buffer.from('sealed'),
  toHash: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  country: 'US',
  templateCode: null,
  templateVersion: null,
  language: null,
  encoding: 'GSM7',
  segments: 1,
  maxAttempts: 3,
  dueAt: NOW,
  hintAt: NOW,
  reference: null,
  batchId: null,
  fallbackChannels: null,
  fallbackAfterSeconds: null,
  fallbackOf: null,
  trace: null,
  createdAt: NOW,
  expiresAt: null,
  queuedAt: NOW,
  confirmsOptOut: null,
  ...overrides,
});

/** A message that a worker has claimed for the first time. */
export const sendingRow = (overrides: Partial<MessageRow> = {}): MessageRow =>
  messageRow({
    status: 'SENDING',
    provider: 'twilio',
    attempts: 1,
    claims: 1,
    hintAt: null,
    askedAt: NOW,
    leaseUntil: new Date(NOW.getTime() + 25_000),
    ...overrides,
  });

/** A message that the provider has taken. */
export const sentRow = (overrides: Partial<MessageRow> = {}): MessageRow =>
  sendingRow({ status: 'SENT', providerMessageId: 'SM1', sentAt: NOW, ...overrides });

/** A delivery report on the first attempt. */
export const receipt = (overrides: Partial<Receipt> = {}): Receipt => ({
  messageId: null,
  attempt: 1,
  providerMessageId: 'SM1',
  status: 'DELIVERED',
  providerStatus: overrides.status?.toLowerCase() ?? 'delivered',
  error: null,
  segments: null,
  cost: null,
  dedupeKey: 'SM1:delivered',
  ...overrides,
});

export const report = (overrides: Partial<Receipt> = {}, rest: Partial<Report> = {}): Report => ({
  receipt: receipt(overrides),
  provider: 'twilio',
  source: 'WEBHOOK',
  at: LATER,
  ...rest,
});

const outcome = { claims: 1, provider: 'twilio', at: LATER, tookMs: 80 };

export const accepted = (row: MessageRow, overrides: Partial<Accepted> = {}): Outcome => ({
  ...outcome,
  messageId: row.id,
  kind: 'accepted',
  accepted: { providerMessageId: 'SM1', ...overrides },
});

export const failed = (row: MessageRow, error: ProviderError): Outcome => ({ ...outcome, messageId: row.id, kind: 'failed', error });

export const returned = (row: MessageRow, before: Partial<LastAsked> = {}): Outcome => ({
  ...outcome,
  messageId: row.id,
  kind: 'returned',
  before: { provider: null, askedAt: null, firstAskedAt: null, ...before },
});

/** A certain refusal that may pass. */
export const providerError = (
  kind: ProviderError['kind'] = 'PROVIDER_UNAVAILABLE',
  options: Partial<ProviderError['options']> = {},
  message = 'It failed.',
): ProviderError => new ProviderError(message, kind, { answered: true, retryable: true, ...options });

/** Without jitter. */
export const outcomeSettings = (overrides: Partial<OutcomeSettings> = {}): OutcomeSettings => ({
  outageSeconds: 300,
  networkSeconds: 5,
  unconfirmedGraceMs: 60_000,
  hasAlternative: () => false,
  random: () => 0.5,
  ...overrides,
});

/** A published change of a message, by default its first. */
export function fact(event: Partial<MessageFact['event']> = {}, message: Partial<MessageFact['message']> = {}): MessageFact {
  return {
    event: {
      id: newId(),
      messageId: '01900000-0000-7000-8000-00000000000a',
      tenantId: '01900000-0000-7000-8000-000000000001',
      status: 'QUEUED',
      previousStatus: null,
      applied: true,
      source: 'WORKER',
      at: NOW.toISOString(),
      attempt: null,
      provider: null,
      errorKind: null,
      errorCode: null,
      errorMessage: null,
      errorRetryable: null,
      actor: null,
      horizon: '100',
      xid: '100',
      ...event,
    },
    message: {
      channel: 'SMS',
      category: 'UTILITY',
      topic: null,
      toHash: '00112233445566778899aabbccddeeff',
      batchId: null,
      reference: null,
      templateCode: null,
      createdAt: NOW.toISOString(),
      lane: 'transactional',
      dueAt: NOW.toISOString(),
      trace: null,
      ...message,
    },
  };
}
