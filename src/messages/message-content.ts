import type { FilledRefs } from '../templates/provider-refs.js';
import type { Channel } from '../vocabulary.js';
import type { Sealer } from '../platform/encryption/sealer.js';

/** A text of a template, for a channel. */
export interface ChannelText {
  language: string | null;
  body: string;
  mediaUrls: string[];
  subject?: string;
  providerRefs?: FilledRefs;
}

/** Everything personal about a message, sealed together: one value per row, because each costs tens of microseconds. */
export interface MessageContent {
  /** E.164 number, email address or WhatsApp user id. */
  to: string;
  from: string | null;
  body: string;
  mediaUrls: string[];
  subject?: string;
  /** With its parameters filled in. */
  providerRefs?: FilledRefs;
  /** What goes out instead, should the message go on to these channels. */
  others?: Partial<Record<Channel, ChannelText>>;
}

interface Packed {
  t: string;
  f?: string;
  b: string;
  m?: string[];
  s?: string;
  r?: FilledRefs;
  o?: MessageContent['others'];
}

export function sealContent(sealer: Sealer, tenantId: string, content: MessageContent): Buffer {
  const { to, from, body, mediaUrls, subject, providerRefs, others } = content;
  const packed: Packed = {
    t: to,
    f: from ?? undefined,
    b: body,
    m: mediaUrls.length > 0 ? mediaUrls : undefined,
    s: subject,
    r: providerRefs,
    o: others,
  };
  return sealer.seal(packed, tenantId);
}

export function openContent(sealer: Sealer, tenantId: string, sealed: Buffer): MessageContent {
  const { t, f, b, m, s, r, o } = sealer.open(sealed, tenantId) as Packed;
  return { to: t, from: f ?? null, body: b, mediaUrls: m ?? [], subject: s, providerRefs: r, others: o };
}
