import type { z } from 'zod';
import { AppError } from '../../../errors.js';
import { isUuid } from '../../../platform/ids.js';
import type { IncomingMessage, ProviderWebhooks, Receipt, WebhookRequest } from '../../provider.js';
import { kindOf } from './simulator-errors.js';
import { Incoming, Report } from './simulator-protocol.js';
import { verifySignature, type SharedSecret } from './simulator-signature.js';

const STATUS: Record<string, Receipt['status']> = { sent: 'SENT', delivered: 'DELIVERED', read: 'READ', undelivered: 'FAILED' };

/** Reads what the simulator posts. Throws AppError BAD_USER_INPUT for a signed body that is not its JSON. */
export class SimulatorWebhooks implements ProviderWebhooks {
  readonly reply = { contentType: 'application/json', body: '{}' };

  constructor(private readonly secrets: readonly SharedSecret[]) {}

  receipts(request: WebhookRequest): Receipt[] {
    verifySignature(this.secrets, request);
    const { searchParams } = new URL(request.url);
    const messageId = searchParams.get('m');
    const attempt = Number(searchParams.get('a'));
    return [
      receiptOf(
        read(request, Report),
        messageId && isUuid(messageId) ? messageId : null,
        Number.isInteger(attempt) && attempt > 0 ? attempt : null,
      ),
    ];
  }

  incoming(request: WebhookRequest): IncomingMessage[] {
    verifySignature(this.secrets, request);
    const { sid, ...message } = read(request, Incoming);
    return [{ ...message, providerMessageId: sid }];
  }
}

/** A webhook's report, or the state that a look-up returned. */
export function receiptOf(report: Report, messageId: string | null, attempt: number | null): Receipt {
  const { sid, status, errorCode: code = null, errorMessage = 'The simulator reported a failure.', segments, price } = report;
  const failed = STATUS[status] === 'FAILED';
  return {
    messageId,
    attempt,
    providerMessageId: sid,
    status: STATUS[status] ?? null,
    providerStatus: status,
    error: failed ? { kind: kindOf(code), retryable: false, code, message: errorMessage } : null,
    segments,
    cost: price,
    dedupeKey: `${sid}:${status}`,
  };
}

function read<T extends z.ZodType>({ rawBody }: WebhookRequest, shape: T): z.output<T> {
  try {
    return shape.parse(JSON.parse(rawBody));
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'The body is not one of the simulator.', {}, { cause });
  }
}
