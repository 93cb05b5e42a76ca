import { randomUUID } from 'node:crypto';
import { countSegments } from '../../../templates/segments.js';
import type { Money } from '../../../vocabulary.js';
import type { CallbackSender } from './callback-sender.js';
import type { SimulatedMessage, SimulatorLedger } from './simulator-ledger.js';
import { behaviourOf, type RefusalCode, type SimulatedStatus, type Turn } from './simulator-outcomes.js';
import { SIMULATED_AMOUNTS } from './simulator-prices.js';
import type { MessageAccepted, MessageRequest, MessageState, Problem, Report } from './simulator-protocol.js';
import type { TimerWheel } from './timer-wheel.js';

/** What to do with a call. */
export interface Verdict {
  answer: { status: number; body: MessageAccepted | Problem; retryAfterSeconds?: number } | 'none';
  /** Milliseconds until the answer. */
  afterMs: number;
  /** To be called when the call is over, whether it was answered or cut. */
  whenOver?: () => void;
}

const ACCEPT_AFTER_MS = [30, 150] as const;
const REFUSALS: Record<RefusalCode, string> = {
  invalid_number: 'The number is not valid.',
  opted_out: 'The person has opted out.',
  landline: 'The number is a landline.',
  content_rejected: 'The content is not allowed.',
};

/** The carrier behind the simulator: decides what becomes of a message and lets it happen. Knows no HTTP server. */
export class SimulatedCarrier {
  constructor(
    private readonly options: {
      /** 1 is lifelike, 1000 a thousand times as fast. */
      speed: number;
      ledger: SimulatorLedger;
      timers: TimerWheel;
      callbacks: CallbackSender;
    },
  ) {}

  handle(request: MessageRequest): Verdict {
    const { answer, life } = behaviourOf(request);
    const asked = this.options.ledger.asked(request.id);
    if (answer.kind === 'refuse') return refusal(400, { code: answer.code, message: REFUSALS[answer.code] });
    if (answer.kind === 'refuse-twice' && asked <= 2) return this.#refuseForNow(answer.status);
    if (answer.kind === 'hold' && !answer.taken) return { answer: 'none', afterMs: 0 };
    const message = newMessage(request);
    this.options.ledger.took(message);
    const { sid, segments, price, channel } = message;
    const turns = life.filter(({ only }) => only === undefined || only === channel);
    return {
      answer: answer.kind === 'hold' ? 'none' : { status: 201, body: { sid, status: 'accepted', segments, price } },
      afterMs: this.#between(ACCEPT_AFTER_MS, `${message.id} accept`),
      whenOver: () => this.#live(message, turns),
    };
  }

  #refuseForNow(status: 429 | 500): Verdict {
    if (status === 500) return refusal(500, { code: 'internal_error', message: 'Nothing was taken; try again.' });
    const tooMany = { code: 'too_many_requests', message: 'Too many requests.' };
    return refusal(429, tooMany, Math.round(1 / this.options.speed));
  }

  /** Receipts of one message follow each other, so that only the numbers that promise disorder show it. */
  #live(message: SimulatedMessage, life: readonly Turn[], reported: Promise<void> = Promise.resolve()): void {
    const [turn, ...later] = life;
    if (!turn) return;
    this.options.timers.after(this.#between(turn.afterMs, `${message.id} ${life.length}`), () => {
      message.status = turn.status;
      message.happened[turn.status] ??= Date.now();
      const reporting = reported.then(() => this.#report(message, turn.reports));
      this.#live(message, later, reporting);
    });
  }

  async #report(message: SimulatedMessage, statuses: readonly SimulatedStatus[]): Promise<void> {
    for (const status of statuses) {
      const about = { messageId: message.id, status };
      await this.options.callbacks.send(message.callbackUrl, reportOf(message, status), about);
    }
  }

  /** The same for the same message, so that a run can be repeated. */
  #between([min, max]: readonly [number, number], seed: string): number {
    return (min + (max - min) * fractionOf(seed)) / this.options.speed;
  }
}

export const stateOf = (message: SimulatedMessage): MessageState => ({
  ...reportOf(message, message.status),
  id: message.id,
  attempt: message.attempt,
});

function reportOf({ sid, segments, price, happened }: SimulatedMessage, status: SimulatedStatus): Report {
  const failure = status === 'undelivered' ? { errorCode: 'unreachable', errorMessage: 'The phone could not be reached.' } : {};
  return { sid, status, ...failure, segments, price, at: new Date(happened[status] ?? happened.accepted).toISOString() };
}

function newMessage(request: MessageRequest): SimulatedMessage {
  const { id, attempt, channel, to, from, body, mediaUrls, callbackUrl } = request;
  const asked = { id, attempt, channel, to, from, body, mediaUrls, callbackUrl };
  const segments = segmentsOf(request);
  const price = priceOf(channel, segments);
  return { ...asked, sid: `sim-${randomUUID()}`, segments, price, status: 'accepted', happened: { accepted: Date.now() } };
}

const refusal = (status: number, body: Problem, retryAfterSeconds?: number): Verdict => ({
  answer: { status, body, retryAfterSeconds },
  afterMs: 0,
});

/** Pictures without a text are one. */
const segmentsOf = ({ channel, body }: MessageRequest): number => (channel === 'SMS' && countSegments(body).segments) || 1;

const priceOf = (channel: MessageRequest['channel'], segments: number): Money => ({
  amount: (Number(SIMULATED_AMOUNTS[channel]) * segments).toFixed(4),
  currency: 'USD',
});

/** A number from 0 up to 1, well spread and equal for equal text (FNV-1a, with a last stir of its bits). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
