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
  { to, ...sender }: { to: string } & Sender,
): Promise<LookUp> {
  const { records, complete } = await outboundSince(messages, to, message.notBefore.getTime() - CLOCK_SKEW_MS);
  const possible = records.filter((record) => mayBe(record, message));
  const [record] = possible;
  if (!complete) return unknown('Twilio has too many messages to this number.');
  if (possible.length > 1) return unknown(`Twilio has ${possible.length} messages to this number that it can be.`);
  if (record && !hasContent(record, message)) return unknown('Twilio has a message to this number with more than this text.');
  if (record && !isFrom(record, sender)) return unknown('Twilio has an equal message to this number from another sender.');
  if (record) return { found: true, providerMessageId: record.sid, receipt: receiptOf(record, message) };
  if (records.length > 0 && goesByName(message))
    return unknown('Twilio has another message to this number, and its words of a template may not be ours.');
  if (records.length > 0 && message.body.trim() !== '' && letters(message.body) === '')
    return unknown('Twilio has another message to this number, and may have replaced all of a text without letters.');
  if (records.some((other) => !other.body)) return unknown('Twilio keeps no text of a message to this number.');
  return { found: false };
}

const unknown = (reason: string): LookUp => ({ found: 'unknown', reason });

/** What WhatsApp has approved is sent by its name: Twilio fills in the words. */
export const goesByName = ({ channel, providerRefs }: OutboundMessage): boolean => channel === 'WHATSAPP' && Boolean(providerRefs?.twilio);

/** As of today; it may have been another when the message was sent. */
interface Sender {
  from?: string;
  messagingServiceSid?: string;
}

const isFrom = (record: MessageInstance, { from, messagingServiceSid }: Sender): boolean =>
  from === undefined ? record.messagingServiceSid === messagingServiceSid : record.from === from;

interface Outbound {
  records: MessageInstance[];
  /** False: there are more than we read. */
  complete: boolean;
}

/** Filters by DateSent would leave out what is not sent yet, so the date of creation is looked at here. */
async function outboundSince(messages: MessageListInstance, to: string, since: number): Promise<Outbound> {
  const records: MessageInstance[] = [];
  let page: Awaited<ReturnType<MessagePage['nextPage']>> = await messages.page({ to, pageSize: PAGE_SIZE });
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
  const [text, ours] = [textOf(record).replace(TRIAL, ''), body.trim()];
  if (ours === '') return text === '' && record.numMedia === String(mediaUrls.length);
  return text === ours || (letters(ours) !== '' && letters(text) === letters(ours));
}

/** Whether it holds our content, whatever Twilio may have put around it. */
function mayBe(record: MessageInstance, { body, mediaUrls }: OutboundMessage): boolean {
  const [text, ours] = [textOf(record), body.trim()];
  if (ours === '') return record.numMedia === String(mediaUrls.length);
  return text.includes(ours) || (letters(ours) !== '' && letters(text).includes(letters(ours)));
}

const textOf = ({ body }: MessageInstance): string => (body ?? '').trim();

/** Stands before every text of an account that has not been paid for. */
const TRIAL = /^Sent from your Twilio trial account\s*-\s*/i;

const SMALL_CAPITALS = 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ';
const CAPITALS = 'ABCDEFGHIJKLMNOPRSTUVWYZ';
const EACH_SMALL_CAPITAL = new RegExp(`[${SMALL_CAPITALS}]`, 'g');

/**
 * What is equal before and after smart encoding, a setting of Messaging Services. It replaces punctuation, spaces, what
 * looks like these and is a letter (Lm: ʼ, ʻ; the click ǃ), and small capitals, which NFKC leaves as they are.
 */
const letters = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]|[\p{Lm}ǃ]/gu, '')
    .replace(EACH_SMALL_CAPITAL, (letter) => CAPITALS.charAt(SMALL_CAPITALS.indexOf(letter)));
