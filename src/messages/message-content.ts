import type { Sealer } from '../platform/encryption/sealer.js';

/** Everything personal about a message, sealed together: one value per row, because each costs tens of microseconds. */
export interface MessageContent {
  /** E.164 number, email address or WhatsApp user id. */
  to: string;
  from: string | null;
  body: string;
  mediaUrls: string[];
}

interface Packed {
  t: string;
  f?: string;
  b: string;
  m?: string[];
}

export const sealContent = (sealer: Sealer, tenantId: string, { to, from, body, mediaUrls }: MessageContent): Buffer =>
  sealer.seal({ t: to, f: from ?? undefined, b: body, m: mediaUrls.length > 0 ? mediaUrls : undefined } satisfies Packed, tenantId);

export function openContent(sealer: Sealer, tenantId: string, sealed: Buffer): MessageContent {
  const { t, f, b, m } = sealer.open(sealed, tenantId) as Packed;
  return { to: t, from: f ?? null, body: b, mediaUrls: m ?? [] };
}
