import type { MessageCategory } from '../vocabulary.js';
import type { ProviderError } from './provider.js';

export interface RetrySettings {
  /** First wait after an outage of the provider; doubles with each attempt. */
  outageSeconds: number;
  /** First wait after a fault of the network, and for codes, which are worthless in five minutes. */
  networkSeconds: number;
}

const LONGEST_SECONDS = 6 * 3600;
/** A sender that may send again must not find the unlucky ones of a campaign waiting for hours. */
const LONGEST_RATE_LIMITED_SECONDS = 120;
const LONGEST_RATE_LIMITED_CODE_SECONDS = 30;
const JITTER = 0.2;
/** Connection faults heal in seconds; the provider's own outages in minutes. */
const NETWORK = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|UND_ERR|CERT_|ERR_TLS)/;

/**
 * When to try again after the `attempt`-th certain rejection, in milliseconds from now: exponential, with jitter so that
 * the messages of an outage do not come back all at once. `random` is 0..1.
 */
export function retryDelayMs(
  error: ProviderError,
  attempt: number,
  category: MessageCategory,
  settings: RetrySettings,
  random: number,
): number {
  const { retryAfterSeconds, code } = error.options;
  const quick = error.kind === 'RATE_LIMITED' || category === 'AUTHENTICATION' || NETWORK.test(code ?? '');
  const first = quick ? settings.networkSeconds : settings.outageSeconds;
  const backoff = Math.min(first * 2 ** (attempt - 1), Math.max(first, longestSeconds(error, category)), LONGEST_SECONDS);
  const jittered = backoff * (1 + JITTER * (2 * random - 1));
  // Some put a point in time there, in seconds since 1970: the wait would be decades, or end after the last date there is.
  const asked = Math.min(retryAfterSeconds || 0, LONGEST_SECONDS);
  return Math.ceil(Math.max(jittered, asked) * 1000);
}

function longestSeconds({ kind }: ProviderError, category: MessageCategory): number {
  if (kind !== 'RATE_LIMITED') return LONGEST_SECONDS;
  return category === 'AUTHENTICATION' ? LONGEST_RATE_LIMITED_CODE_SECONDS : LONGEST_RATE_LIMITED_SECONDS;
}
