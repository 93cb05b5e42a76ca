import type { MessageInstance, MessageListInstance, MessagePage } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { LookUp, OutboundMessage } from '../../provider.js';
import { receiptOf } from './twilio-receipts.js';

const PAGE_SIZE = 200;
const MAX_PAGES = 3;
const CLOCK_SKEW_MS = 5_000;

/** The record of a message whose sid we have. */
export async function lookUpBySid(messages: MessageListInstance, message: OutboundMessage, sid: string): Promise<LookUp> {
  const record = await messages(sid).fetch();
  if (record.sid !== sid) throw new Error('Not the record that was asked for.');
  return { found: true, providerMessageId: sid, receipt: receiptOf(record, message) };
}

/**
 * Twilio shows no reference of ours, so a message without a sid is known by its recipient, time and text.
 * A wrong "not found" sends a message twice: whatever is not certain is `unknown`.
 */
export async function lookUpByContent(
  messages: MessageListInstance,
  message: OutboundMessage & { notBefore: Date },
  addresses: { to: string; from?: string },
): Promise<LookUp> {
  const { records, complete } = await outboundSince(messages, addresses, message.notBefore.getTime() - CLOCK_SKEW_MS);
  const equal = records.filter((record) => hasContent(record, message));
  const [record] = equal;
  if (!complete) return { found: 'unknown', reason: 'Twilio has too many messages to this number.' };
  if (equal.length > 1) return { found: 'unknown', reason: `Twilio has ${equal.length} equal messages to this number.` };
  if (record) return { found: true, providerMessageId: record.sid, receipt: receiptOf(record, message) };
  if (records.length > 0 && goesByName(message))
    return { found: 'unknown', reason: 'Twilio has another message to this number, and its words of a template may not be ours.' };
  if (records.some((other) => !other.body)) return { found: 'unknown', reason: 'Twilio keeps no text of a message to this number.' };
  return { found: false };
}

/** What WhatsApp has approved is sent by its name: Twilio fills in the words. */
export const goesByName = ({ channel, providerRefs }: OutboundMessage): boolean => channel === 'WHATSAPP' && Boolean(providerRefs?.twilio);

interface Outbound {
  records: MessageInstance[];
  /** False: there are more than we read. */
  complete: boolean;
}

/** Filters by DateSent would leave out what is not sent yet, so the date of creation is looked at here. */
async function outboundSince(messages: MessageListInstance, addresses: { to: string; from?: string }, since: number): Promise<Outbound> {
  const records: MessageInstance[] = [];
  let page: Awaited<ReturnType<MessagePage['nextPage']>> = await messages.page({ ...addresses, pageSize: PAGE_SIZE });
  for (let pages = 1; page; pages++) {
    const recent = page.instances.filter((record) => record.dateCreated.getTime() >= since);
    records.push(...recent.filter((record) => record.direction !== 'inbound'));
    // The newest come first: behind a page of old ones there are only older ones.
    if (recent.length === 0) break;
    if (pages === MAX_PAGES && page.nextPageUrl) return { records, complete: false };
    page = await page.nextPage();
  }
  return { records, complete: true };
}

function hasContent(record: MessageInstance, { body, mediaUrls }: OutboundMessage): boolean {
  const text = record.body ?? '';
  if (body.trim() === '') return text.trim() === '' && record.numMedia === String(mediaUrls.length);
  return text.trim() === body.trim() || (letters(body) !== '' && letters(text) === letters(body));
}

/** Smart encoding, a setting of Messaging Services, replaces punctuation and spaces, and keeps letters and digits. */
const letters = (text: string): string => text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '');
