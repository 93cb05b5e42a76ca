import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import { tracePlace } from '../platform/tracing/tracing.js';
import type { Channel, Money } from '../vocabulary.js';
import { acceptedAt } from './accepted-at.js';
import { laneOf } from './lane.js';
import { sealContent, type ChannelText } from './message-content.js';
import type { SendTerms } from './message-draft.js';
import type { SendingTenant } from './message.ports.js';
import type { MessageRow } from './message.row.js';
import type { Admitted } from './send-gate.js';
import type { ReadyTemplate } from '../templates/ready-template.js';
import { countSegments, normalizeText, type SegmentCount } from '../templates/segments.js';
import { UNSENT } from './unsent.js';

/** A hint given right after the commit usually arrives; the sweep looks again after this. */
export const HINT_GRACE_MS = 5_000;

export interface DraftContext {
  tenantId: string;
  tenant: SendingTenant;
  /** As they are in force: what the template says has been put in. */
  terms: SendTerms;
  /** Null: `terms.body` is the text. */
  template: ReadyTemplate | null;
  batchId: string | null;
  now: Date;
}

/** What goes out to one recipient, on the channel that was chosen. */
export interface Words extends ChannelText {
  count: SegmentCount | null;
  /** Those of a template for the further channels, where they differ. */
  others?: Partial<Record<Channel, ChannelText>>;
}

/** Turns what was admitted into a row. */
export class MessageFactory {
  constructor(
    private readonly sealer: Sealer,
    private readonly settings: { maxAttempts: number },
  ) {}

  make(context: DraftContext, admitted: Admitted, words: Words, estimate: Money | null): MessageRow {
    const { tenantId, terms, template } = context;
    const { addressed, destination } = admitted;
    const { count, language, ...text } = words;
    const content = { ...text, to: destination.address, from: null, body: normalizeText(words.body) };
    return {
      ...blankRow(context, admitted),
      sealed: sealContent(this.sealer, tenantId, content),
      toHash: destination.hash,
      country: destination.country,
      templateCode: template?.code ?? null,
      templateVersion: template?.version ?? null,
      encoding: count?.encoding ?? null,
      segments: count?.segments ?? null,
      language,
      maxAttempts: this.settings.maxAttempts,
      estimateAmount: estimate?.amount ?? null,
      estimateCurrency: estimate?.currency ?? null,
      reference: addressed.recipient.reference ?? terms.reference,
    };
  }
}

export const countBody = (channel: Channel, body: string | null): SegmentCount | null =>
  channel === 'SMS' && body ? countSegments(body) : null;

function blankRow({ tenantId, terms, batchId, now }: DraftContext, { destination, furtherChannels, notBefore }: Admitted): MessageRow {
  const time = notBefore ?? terms.sendAt;
  const waits = time !== null && time > now;
  const dueAt = waits ? time : now;
  const id = newId();
  return {
    ...EMPTY,
    id,
    tenantId,
    channel: destination.channel,
    category: terms.category,
    topic: terms.topic,
    lane: laneOf(terms.category, batchId !== null),
    status: waits ? 'SCHEDULED' : 'QUEUED',
    requestedProvider: destination.channel === terms.channels[0] ? terms.provider : null,
    dueAt,
    hintAt: waits ? dueAt : new Date(now.getTime() + HINT_GRACE_MS),
    batchId,
    fallbackChannels: furtherChannels.length > 0 ? furtherChannels : null,
    fallbackAfterSeconds: furtherChannels.length > 0 ? terms.fallbackAfterSeconds : null,
    trace: tracePlace(),
    createdAt: acceptedAt(id, now),
    scheduledFor: time,
    expiresAt: terms.expiresAt,
    queuedAt: waits ? null : now,
  };
}

const EMPTY: MessageRow = {
  ...UNSENT,
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
  templateCode: null,
  templateVersion: null,
  language: null,
  encoding: null,
  segments: null,
  maxAttempts: 0,
  dueAt: new Date(0),
  hintAt: null,
  reference: null,
  batchId: null,
  fallbackChannels: null,
  fallbackAfterSeconds: null,
  fallbackOf: null,
  trace: null,
  createdAt: new Date(0),
  expiresAt: null,
  queuedAt: null,
  confirmsOptOut: null,
};
