import { askPolicy, type PolicyCheck } from '../consent/policy-gate.js';
import { Refusal } from '../errors.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { tracePlace } from '../platform/tracing/tracing.js';
import { laneOf } from './lane.js';
import { sealContent } from './message-content.js';
import { checkRecipient, type SendTerms } from './message-draft.js';
import type { SendingTenant } from './message.ports.js';
import type { MessageRow } from './message.row.js';
import { parsePhoneNumber } from '../contacts/phone-number.js';
import { countSegments, normalizeText, type SegmentCount } from '../templates/segments.js';

/** A hint given right after the commit usually arrives; the sweep looks again after this. */
const HINT_GRACE_MS = 5_000;

export interface Recipient {
  to: string | null;
  reference: string | null;
  language: string | null;
}

export interface DraftContext {
  tenantId: string;
  tenant: SendingTenant;
  terms: SendTerms;
  batchId: string | null;
  now: Date;
}

/** A recipient whose number was read and whom the policy lets be sent to. */
export interface Admitted {
  e164: string;
  /** ISO 3166 alpha-2, where the number has one. */
  country: string | null;
  checks: PolicyCheck[];
}

/** Turns checked terms and a recipient into a row; asks the policy on the way. */
export class MessageFactory {
  constructor(
    private readonly sealer: Sealer,
    private readonly index: BlindIndex,
    private readonly settings: { messagingEnabled: boolean; maxAttempts: number },
  ) {}

  /** Throws Refusal with paths relative to the recipient. */
  admit(context: DraftContext, recipient: Recipient): Admitted {
    const { tenant, terms, now } = context;
    const { e164, country } = this.addressOf(context, recipient);
    checkRecipient(recipient);
    const verdict = askPolicy({ now, messagingEnabled: this.settings.messagingEnabled, tenant, country, expiresAt: terms.expiresAt });
    if (verdict.refusal)
      throw new Refusal(verdict.refusal.code, verdict.refusal.message, verdict.refusal.code === 'COUNTRY_NOT_ALLOWED' ? ['to'] : []);
    return { e164, country, checks: verdict.checks };
  }

  /** Throws what `admit` throws. `count` and `admitted` spare bulk sends doing the same again. */
  make(
    context: DraftContext,
    recipient: Recipient,
    count = countBody(context.terms),
    admitted = this.admit(context, recipient),
  ): { row: MessageRow; checks: PolicyCheck[] } {
    const { tenantId, terms } = context;
    const { e164, country, checks } = admitted;
    const content = { to: e164, from: null, body: normalizeText(terms.body ?? ''), mediaUrls: terms.mediaUrls };
    const row: MessageRow = {
      ...blankRow(context, count),
      sealed: sealContent(this.sealer, tenantId, content),
      toHash: this.index.hash(tenantId, e164),
      country,
      maxAttempts: this.settings.maxAttempts,
      reference: recipient.reference ?? terms.reference,
      language: recipient.language ?? terms.language,
    };
    return { row, checks };
  }

  private addressOf({ terms, tenant }: DraftContext, { to }: Recipient): { e164: string; country: string | null } {
    if (!to?.trim()) throw new Refusal('INVALID_INPUT', 'Say whom to send to.', ['to']);
    return parsePhoneNumber(to, {
      channel: terms.channels[0] ?? 'SMS',
      defaultCountry: tenant.defaultCountry,
      allowedCountries: tenant.allowedCountries,
    });
  }
}

export const countBody = ({ channels, body }: SendTerms): SegmentCount | null =>
  channels[0] === 'SMS' && body ? countSegments(body) : null;

function blankRow({ tenantId, terms, batchId, now }: DraftContext, count: SegmentCount | null): MessageRow {
  const waits = terms.sendAt !== null && terms.sendAt > now;
  const dueAt = waits && terms.sendAt ? terms.sendAt : now;
  return {
    ...EMPTY,
    id: newId(),
    tenantId,
    channel: terms.channels[0] ?? 'SMS',
    category: terms.category,
    topic: terms.topic,
    lane: laneOf(terms.category, batchId !== null),
    status: waits ? 'SCHEDULED' : 'QUEUED',
    encoding: count?.encoding ?? null,
    segments: count?.segments ?? null,
    requestedProvider: terms.provider,
    dueAt,
    hintAt: waits ? dueAt : new Date(now.getTime() + HINT_GRACE_MS),
    batchId,
    fallbackChannels: terms.channels.length > 1 ? terms.channels.slice(1) : null,
    fallbackAfterSeconds: terms.fallbackAfterSeconds,
    trace: tracePlace(),
    createdAt: now,
    scheduledFor: terms.sendAt,
    expiresAt: terms.expiresAt,
    queuedAt: waits ? null : now,
  };
}

const EMPTY: MessageRow = {
  id: '',
  tenantId: '',
  channel: 'SMS',
  category: 'UTILITY',
  topic: null,
  lane: 'transactional',
  status: 'QUEUED',
  sealed: null,
  toHash: Buffer.alloc(0),
  country: null,
  contactId: null,
  templateCode: null,
  templateVersion: null,
  language: null,
  encoding: null,
  segments: null,
  requestedProvider: null,
  provider: null,
  providerMessageId: null,
  attempts: 0,
  maxAttempts: 0,
  claims: 0,
  dueAt: new Date(0),
  hintAt: null,
  leaseUntil: null,
  askedAt: null,
  errorKind: null,
  errorCode: null,
  errorMessage: null,
  errorRetryable: null,
  costAmount: null,
  costCurrency: null,
  estimateAmount: null,
  estimateCurrency: null,
  reference: null,
  batchId: null,
  fallbackChannels: null,
  fallbackAfterSeconds: null,
  fallbackAt: null,
  fallbackOf: null,
  fallbackId: null,
  trace: null,
  createdAt: new Date(0),
  scheduledFor: null,
  expiresAt: null,
  queuedAt: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  failedAt: null,
  firstAskedAt: null,
  providerMs: null,
  retriedAt: null,
};
