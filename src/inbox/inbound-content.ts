import type { Sealer } from '../platform/encryption/sealer.js';

/** What is personal in a row of `inbound_messages`. */
export interface InboundContent {
  /** E.164 number or WhatsApp user id. */
  from: string;
  /** The number of ours that it was written to. */
  to: string;
  body: string | null;
  /** Where the provider keeps what came along. */
  mediaUrls: string[];
}

interface Packed {
  f: string;
  t: string;
  b?: string;
  m?: string[];
}

export function sealInbound(sealer: Sealer, tenantId: string, { from, to, body, mediaUrls }: InboundContent): Buffer {
  const packed: Packed = { f: from, t: to, b: body ?? undefined, m: mediaUrls.length > 0 ? mediaUrls : undefined };
  return sealer.seal(packed, tenantId);
}

export function openInbound(sealer: Sealer, tenantId: string, sealed: Buffer): InboundContent {
  const { f, t, b, m } = sealer.open(sealed, tenantId) as Packed;
  return { from: f, to: t, body: b ?? null, mediaUrls: m ?? [] };
}
