import type { Claimed } from '../../../src/delivery/claim.js';
import type { Outcome } from '../../../src/delivery/outcome.js';
import { ProviderError, type LookUp, type MessageProvider, type OutboundMessage, type Receipt } from '../../../src/delivery/provider.js';
import type { Money } from '../../../src/vocabulary.js';
import { receipt } from '../../support/builders.js';
import type { Dice } from './dice.js';

/** One asking of the provider for one message, and what is true of it there. */
export interface Call extends Pick<Claimed, 'row' | 'before'> {
  providerMessageId: string;
  /** The provider has taken the message. */
  isTaken: boolean;
  end: 'DELIVERED' | 'FAILED';
  mayPass: boolean;
  price: string;
  isAnswered: boolean;
  /** What the provider has told us. */
  told: Set<Receipt['status']>;
  /** It has told the price, at all or while no later call was made. */
  isPriced: 'never' | 'late' | 'in time';
}

type Status = NonNullable<Receipt['status']>;

/** A provider that takes what it likes, answers or does not, and reports late, twice, in any order, or never. */
export class WalkProvider {
  readonly calls: Call[] = [];

  constructor(private readonly dice: Dice) {}

  readonly provider = {
    name: 'twilio',
    channels: ['SMS'],
    lookUp: async (message: OutboundMessage & { providerMessageId: string | null }) => this.lookUp(message),
  } as unknown as MessageProvider;

  callsOf(messageId: string): Call[] {
    return this.calls.filter(({ row }) => row.id === messageId);
  }

  /** A worker has claimed the message, and calls. */
  call({ row, before }: Claimed): void {
    const { dice } = this;
    this.calls.push({
      row,
      before,
      providerMessageId: `SM${row.claims}-${row.id}`,
      isTaken: dice.happens(0.7),
      end: dice.happens(0.6) ? 'DELIVERED' : 'FAILED',
      mayPass: dice.happens(0.7),
      // No two calls of a message cost the same.
      price: (row.claims / 1000).toFixed(3),
      isAnswered: false,
      told: new Set(),
      isPriced: 'never',
    });
  }

  /** What the worker is answered: now and then nothing, whether or not the message was taken. */
  answer(call: Call): Outcome {
    const { row, before, providerMessageId, isTaken } = call;
    call.isAnswered = true;
    const outcome = { messageId: row.id, claims: row.claims, claimed: row, provider: 'twilio', at: new Date(), tookMs: 50 };
    const isSilent = this.dice.happens(0.3);
    if (isSilent)
      return { ...outcome, kind: 'failed', error: new ProviderError('No answer.', 'TIMEOUT', { answered: false, retryable: true }) };
    if (isTaken) return { ...outcome, kind: 'accepted', accepted: { providerMessageId, ...this.priced(call) } };
    if (this.dice.happens(0.3)) return { ...outcome, kind: 'returned', before };
    const kind = this.dice.pick(['PROVIDER_UNAVAILABLE', 'RATE_LIMITED', 'INVALID_RECIPIENT', 'UNKNOWN'] as const);
    const retryable = this.dice.pick([true, true, 'once', false] as const);
    return { ...outcome, kind: 'failed', error: new ProviderError('No.', kind, { answered: true, retryable }) };
  }

  report(call: Call, status: Status = this.dice.pick(['SENT', call.end, call.end === 'FAILED' ? 'FAILED' : 'READ'])): Receipt {
    call.told.add(status);
    return this.receiptOf(call, status);
  }

  private lookUp({ id, attempt, providerMessageId }: OutboundMessage & { providerMessageId: string | null }): LookUp {
    if (this.dice.happens(0.15)) return { found: 'unknown', reason: 'It could not be asked.' };
    const call = this.calls.find((one) => {
      const isMeant = providerMessageId ? one.providerMessageId === providerMessageId : one.row.id === id && one.row.claims === attempt;
      return isMeant && one.isTaken;
    });
    if (!call) return { found: false };
    const status = this.dice.pick<Receipt['status']>([null, 'SENT', call.end]);
    call.told.add(status);
    return { found: true, providerMessageId: call.providerMessageId, receipt: this.receiptOf(call, status) };
  }

  private receiptOf(call: Call, status: Receipt['status']): Receipt {
    const { row, providerMessageId, mayPass } = call;
    const error = { kind: 'UNREACHABLE' as const, retryable: mayPass, code: '30003', message: 'The phone is off.' };
    return receipt({
      messageId: row.id,
      attempt: row.claims,
      providerMessageId,
      status,
      error: status === 'FAILED' ? error : null,
      ...this.priced(call, status),
    });
  }

  /** Told sometimes. After the next call counts only what reports of a delivery tell: see docs/decisions/0055. */
  private priced(call: Call, status: Receipt['status'] = null): { cost: Money } | undefined {
    if (this.dice.happens(0.6)) return undefined;
    const isLast = this.callsOf(call.row.id).at(-1) === call;
    if (isLast || status === 'DELIVERED' || status === 'READ') call.isPriced = 'in time';
    else if (call.isPriced === 'never') call.isPriced = 'late';
    return { cost: { amount: call.price, currency: 'USD' } };
  }
}
