import { simulatorSecret } from '../../src/app/build-providers.js';
import { SIGNATURE_HEADER, signatureOf } from '../../src/delivery/providers/simulator/simulator-signature.js';
import { Secret } from '../../src/secret.js';
import type { TestApp } from './test-app.js';

export interface TestReceipt {
  /** Our message's id; null when the webhook's address does not name it. */
  messageId: string | null;
  sid: string;
  status: string;
  attempt?: number;
  /** What the provider's clock says. */
  at?: Date;
  /** Why it failed, in words. */
  errorMessage?: string;
}

/** A signed receipt as the simulator would post it; `spoil` changes it after it was signed. */
export function postReceipt(
  run: TestApp,
  receipt: TestReceipt,
  spoil: (sent: SignedPost) => SignedPost = (sent) => sent,
): Promise<Response> {
  const { messageId, sid, status, attempt = 1, at = new Date(), errorMessage } = receipt;
  const error = errorMessage === undefined ? {} : { errorCode: 'unreachable', errorMessage };
  const price = { amount: '0.0075', currency: 'USD' };
  const rawBody = JSON.stringify({ sid, status, segments: 1, price, ...error, at: at.toISOString() });
  const url = `${run.url}/webhooks/simulator/status${messageId ? `?m=${messageId}&a=${attempt}` : ''}`;
  const sent = spoil({ url, rawBody, signature: signatureOf(secretOf(run), { url, rawBody }) });
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: sent.signature };
  return fetch(sent.url, { method: 'POST', headers, body: sent.rawBody });
}

export interface SignedPost {
  url: string;
  rawBody: string;
  signature: string;
}

export const secretOf = (run: TestApp): Secret => simulatorSecret(new Secret(run.env['ENCRYPTION_KEY'] ?? ''));
