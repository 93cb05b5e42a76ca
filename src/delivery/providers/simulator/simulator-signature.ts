import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../../errors.js';
import type { WebhookRequest } from '../../provider.js';

/** Anything that keeps a secret from being printed. */
export interface SharedSecret {
  reveal(): string;
}

export const SIGNATURE_HEADER = 'x-simulator-signature';
const MAX_AGE_MS = 5 * 60_000;

/** `t=<unix ms>,v1=<hex HMAC-SHA256 of "t.url.rawBody">`: what the simulator puts into X-Simulator-Signature. */
export function signatureOf(secret: SharedSecret, request: Pick<WebhookRequest, 'url' | 'rawBody'>, at = Date.now()): string {
  return `t=${at},v1=${macOf(secret, request, String(at)).toString('hex')}`;
}

/** By any of the secrets. Throws AppError INVALID_SIGNATURE when it is missing, wrong, or more than five minutes off `now` (unix ms). */
export function verifySignature(secrets: readonly SharedSecret[], request: WebhookRequest, now = Date.now()): void {
  const header = request.headers[SIGNATURE_HEADER];
  const [, at, mac] = (typeof header === 'string' && /^t=(\d{1,15}),v1=([0-9a-f]{64})$/.exec(header)) || [];
  if (at === undefined || mac === undefined)
    throw new AppError('INVALID_SIGNATURE', 'The X-Simulator-Signature header is missing or malformed.');
  const given = Buffer.from(mac, 'hex');
  if (!secrets.some((secret) => timingSafeEqual(macOf(secret, request, at), given)))
    throw new AppError('INVALID_SIGNATURE', 'The X-Simulator-Signature header does not fit the URL and body.');
  if (Math.abs(now - Number(at)) > MAX_AGE_MS) throw new AppError('INVALID_SIGNATURE', 'The X-Simulator-Signature header is too old.');
}

const macOf = (secret: SharedSecret, { url, rawBody }: Pick<WebhookRequest, 'url' | 'rawBody'>, at: string): Buffer =>
  createHmac('sha256', secret.reveal()).update(`${at}.${url}.${rawBody}`).digest();
