import { isWhatsAppUserId } from '../../../contacts/address.js';
import type { MessageRequest } from './simulator-protocol.js';

/** What the simulator does with each number. One table drives the simulator, its tests and the documentation. */

export type SimulatedStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'undelivered';

/** A turn in a message's life: after a time between the two (milliseconds at speed 1) it takes `status` and `reports` go out, in that order. */
export interface Turn {
  status: SimulatedStatus;
  afterMs: readonly [number, number];
  reports: readonly SimulatedStatus[];
  /** Only on this channel. */
  only?: 'WHATSAPP';
}

type Answer =
  /** 201, after a moment. */
  | { kind: 'accept' }
  /** 400 with this code, at once. */
  | { kind: 'refuse'; code: RefusalCode }
  /** This status for the first two calls about a message, then as `accept`. */
  | { kind: 'refuse-twice'; status: 429 | 500 }
  /** No answer: the connection stays open until the caller gives up. A taken message lives on from then. */
  | { kind: 'hold'; taken: boolean };

export type RefusalCode = 'invalid_number' | 'opted_out' | 'landline' | 'content_rejected';

export interface SimulatorNumber {
  /** E.164 */
  number: string;
  /** One line for people. */
  meaning: string;
  answer: Answer;
  /** Empty unless the message is taken. */
  life: readonly Turn[];
}

const ACCEPT: Answer = { kind: 'accept' };
const SENT: Turn = { status: 'sent', afterMs: [400, 600], reports: ['sent'] };
const DELIVERED: Turn = { status: 'delivered', afterMs: [1_000, 4_000], reports: ['delivered'] };
const READ: Turn = { status: 'read', afterMs: [5_000, 15_000], reports: ['read'], only: 'WHATSAPP' };
const ORDINARY_LIFE: readonly Turn[] = [SENT, DELIVERED, READ];
const silent = (turn: Turn): Turn => ({ ...turn, reports: [] });

export const SIMULATOR_NUMBERS: readonly SimulatorNumber[] = [
  {
    number: '+15005550001',
    meaning: 'Refused at once: not a valid number (INVALID_RECIPIENT).',
    answer: { kind: 'refuse', code: 'invalid_number' },
    life: [],
  },
  {
    number: '+15005550002',
    meaning: 'Refused at once: the person has opted out (OPTED_OUT).',
    answer: { kind: 'refuse', code: 'opted_out' },
    life: [],
  },
  {
    number: '+15005550003',
    meaning: 'Refused at once: a landline (INVALID_RECIPIENT).',
    answer: { kind: 'refuse', code: 'landline' },
    life: [],
  },
  {
    number: '+15005550004',
    meaning: 'Refused at once: the content is not allowed (CONTENT_REJECTED).',
    answer: { kind: 'refuse', code: 'content_rejected' },
    life: [],
  },
  {
    number: '+15005550009',
    meaning: 'Sent, then reported undelivered (FAILED, UNREACHABLE).',
    answer: ACCEPT,
    life: [SENT, { status: 'undelivered', afterMs: DELIVERED.afterMs, reports: ['undelivered'] }],
  },
  {
    number: '+15005550010',
    meaning: 'Takes the message but never answers the call; once the caller has given up, reports sent and delivered.',
    answer: { kind: 'hold', taken: true },
    life: [SENT, DELIVERED],
  },
  {
    number: '+15005550011',
    meaning: 'Answers 429 to the first two calls, then accepts and delivers.',
    answer: { kind: 'refuse-twice', status: 429 },
    life: ORDINARY_LIFE,
  },
  {
    number: '+15005550012',
    meaning: 'Answers 500 to the first two calls, then accepts and delivers.',
    answer: { kind: 'refuse-twice', status: 500 },
    life: ORDINARY_LIFE,
  },
  {
    number: '+15005550013',
    meaning: 'Delivered; the receipts come in the wrong order, each twice, and an old one once more at the end.',
    answer: ACCEPT,
    life: [
      silent(SENT),
      { ...DELIVERED, reports: ['delivered', 'delivered', 'sent', 'sent'] },
      { status: 'delivered', afterMs: [1_000, 2_000], reports: ['sent'] },
    ],
  },
  {
    number: '+15005550014',
    meaning: 'Delivered, but no receipt ever comes: it stays SENT until its status is looked up.',
    answer: ACCEPT,
    life: [silent(SENT), silent(DELIVERED)],
  },
  {
    number: '+15005550015',
    meaning: 'Sent soon, delivered only after 60 seconds.',
    answer: ACCEPT,
    life: [SENT, { ...DELIVERED, afterMs: [60_000, 60_000] }],
  },
  {
    number: '+15005550016',
    meaning: 'Never answers the call and never took the message; a look-up says so.',
    answer: { kind: 'hold', taken: false },
    life: [],
  },
];

const byNumber = new Map(SIMULATOR_NUMBERS.map((entry) => [entry.number, entry]));

/** Every other E.164 number, and on WhatsApp every user id: accepted, sent, delivered, and read on WhatsApp. */
export function behaviourOf({ to, channel }: Pick<MessageRequest, 'to' | 'channel'>): Pick<SimulatorNumber, 'answer' | 'life'> {
  const canBeReached = /^\+[1-9]\d{6,14}$/.test(to) || (channel === 'WHATSAPP' && isWhatsAppUserId(to));
  if (!canBeReached) return { answer: { kind: 'refuse', code: 'invalid_number' }, life: [] };
  return byNumber.get(to) ?? { answer: ACCEPT, life: ORDINARY_LIFE };
}
