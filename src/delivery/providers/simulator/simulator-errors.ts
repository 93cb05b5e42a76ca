import type { ErrorKind } from '../../../messages/delivery-error.js';
import { ProviderError } from '../../provider.js';
import { CallFailed, type SimulatorAnswer } from './simulator-client.js';
import { Problem } from './simulator-protocol.js';

const KINDS: Record<string, ErrorKind> = {
  invalid_number: 'INVALID_RECIPIENT',
  landline: 'INVALID_RECIPIENT',
  opted_out: 'OPTED_OUT',
  content_rejected: 'CONTENT_REJECTED',
  unauthorized: 'SENDER_MISCONFIGURED',
  unreachable: 'UNREACHABLE',
};

/** Of a refusal's or a receipt's code. */
export const kindOf = (code: string | null): ErrorKind => KINDS[code ?? ''] ?? 'UNKNOWN';

/** Of an answer other than 201. */
export function refusedBy({ status, retryAfterSeconds, body }: SimulatorAnswer): ProviderError {
  const problem = Problem.safeParse(body).data;
  const code = problem?.code ?? null;
  const message = problem?.message ?? `The simulator answered ${status}.`;
  if (status === 429) return new ProviderError(message, 'RATE_LIMITED', { answered: true, retryable: true, code, retryAfterSeconds });
  // The simulator's own 500 says that nothing was taken; any other, such as a proxy's 502, proves nothing.
  if (status >= 500) return new ProviderError(message, 'PROVIDER_UNAVAILABLE', { answered: status === 500, retryable: true, code });
  if (status >= 400) return new ProviderError(message, kindOf(code), { answered: true, retryable: false, code, ofAccount: status === 401 });
  return new ProviderError(message, 'UNKNOWN', { answered: false, retryable: true, code });
}

/** Of a call without an answer. */
export function unansweredBy(failure: unknown): ProviderError {
  if (!(failure instanceof CallFailed)) throw failure;
  const { code, written } = failure;
  if (!written)
    return new ProviderError('The simulator could not be reached; nothing was sent.', 'PROVIDER_UNAVAILABLE', {
      answered: true,
      retryable: true,
      code,
    });
  const kind = code === 'TIMEOUT' || code === 'ABORTED' ? 'TIMEOUT' : 'PROVIDER_UNAVAILABLE';
  return new ProviderError('The simulator gave no answer; it may have the message.', kind, { answered: false, retryable: true, code });
}
