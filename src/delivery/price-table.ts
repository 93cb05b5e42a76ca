import { fromMicros, toMicros } from '../messages/money.js';
import type { PricedMessage, PriceList } from '../messages/message.ports.js';
import type { Channel, MessageCategory, Money } from '../vocabulary.js';

/** What a provider takes for one segment, or for one message on channels without segments. */
export interface Price {
  provider: string;
  channel: Channel;
  /** ISO 3166 alpha-2; null for every country. */
  country: string | null;
  /** Null for every category. */
  category: MessageCategory | null;
  amount: string;
  /** ISO 4217 */
  currency: string;
}

export class PriceTable implements PriceList {
  /** The first price that fits a message is its price. */
  constructor(private readonly prices: readonly Price[]) {}

  estimate(message: PricedMessage): Money | null {
    const price = this.prices.find((candidate) => fits(candidate, message));
    return price ? { amount: fromMicros(toMicros(price.amount) * BigInt(message.segments ?? 1)), currency: price.currency } : null;
  }
}

const fits = (price: Price, { provider, channel, country, category }: PricedMessage): boolean =>
  price.provider === provider &&
  price.channel === channel &&
  (price.country === null || price.country === country) &&
  (price.category === null || price.category === category);
