import type { MessageInstance } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { Money } from '../../../vocabulary.js';
import type { Receipt, WebhookRequest } from '../../provider.js';
import { classify } from './twilio-errors.js';

/** All others (queued, accepted, sending, scheduled, and what Twilio may think of next) say nothing new. */
const STATUS = new Map<string, Receipt['status']>([
  ['sent', 'SENT'],
  ['partially_delivered', 'SENT'],
  ['delivered', 'DELIVERED'],
  ['read', 'READ'],
  ['undelivered', 'FAILED'],
  ['failed', 'FAILED'],
  ['canceled', 'FAILED'],
]);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ATTEMPT = /^[1-9]\d{0,3}$/;

/** A verified status callback. Without a sid or status it is no report: []. */
export function readReceipts({ url, headers }: WebhookRequest, form: URLSearchParams): Receipt[] {
  const sid = form.get('MessageSid');
  const status = form.get('MessageStatus');
  if (!sid || !status) return [];
  const query = new URLSearchParams(url.split('?')[1]);
  const [m, a] = [query.get('m') ?? '', query.get('a') ?? ''];
  const report = { sid, status, code: form.get('ErrorCode') || null, attempt: ATTEMPT.test(a) ? Number(a) : null };
  const token = headers['i-twilio-idempotency-token'];
  return [
    {
      ...outcome(report),
      messageId: UUID.test(m) ? m : null,
      segments: null,
      cost: null,
      dedupeKey: typeof token === 'string' && token !== '' ? token : `${sid}:${status}:${report.code ?? ''}`,
    },
  ];
}

/** What Twilio's record of a message says, as a receipt. */
export function receiptOf(message: MessageInstance, ours: { id: string; attempt: number }): Receipt {
  const { sid, status } = message;
  const code = message.errorCode ? String(message.errorCode) : null;
  const segments = segmentsOf(message.numSegments);
  const cost = costOf(message);
  return {
    ...outcome({ sid, status, code, attempt: ours.attempt }),
    messageId: ours.id,
    segments,
    cost,
    // Price and segments come later than the status: with them it is another report.
    dedupeKey: `record:${sid}:${status}:${code ?? ''}:${segments ?? ''}:${cost?.amount ?? ''}`,
  };
}

function outcome({ sid, status, code, attempt }: { sid: string; status: string; code: string | null; attempt: number | null }) {
  const known = STATUS.get(status) ?? null;
  const failure = status === 'canceled' ? { ...classify(null), message: 'It was cancelled at Twilio.' } : classify(code);
  return { attempt, providerMessageId: sid, status: known, providerStatus: status, error: known === 'FAILED' ? failure : null };
}

/** "0" means that a Messaging Service has not split the text yet. */
export function segmentsOf(numSegments: string | null): number | null {
  return Number(numSegments) || null;
}

/** Twilio writes a charge as a negative price. */
export function costOf({ price, priceUnit }: Pick<MessageInstance, 'price' | 'priceUnit'>): Money | null {
  const amount = /^-?(\d+(?:\.\d+)?)$/.exec(price ?? '')?.[1];
  return amount && priceUnit ? { amount, currency: priceUnit.toUpperCase() } : null;
}
