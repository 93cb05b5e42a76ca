import { AppError, ErrorCode } from '../../errors.js';
import { isUnavailable, isUnstorable, unavailable, unstorable } from '../database/database.js';

/** An answer for a request that failed, in any format. */
export interface HttpError {
  status: number;
  code: ErrorCode;
  message: string;
  details: Record<string, unknown>;
  headers: Record<string, string>;
}

/** Own words for what Fastify refuses: its messages quote the body. */
const REFUSED: Record<number, string> = {
  404: 'There is nothing at this address.',
  405: 'This address does not know that method.',
  413: 'The request is too large.',
  414: 'The address is too long.',
  415: 'This content type is not accepted here; send application/json.',
};

const statusOf = (error: unknown): number => Number((error as { statusCode?: unknown } | null)?.statusCode ?? 500);

function fromAppError({ code, message, details, httpStatus }: AppError): HttpError {
  const wait = details['retryAfterSeconds'];
  return { status: httpStatus, code, message, details, headers: typeof wait === 'number' ? { 'retry-after': String(wait) } : {} };
}

export function toHttpError(error: unknown): HttpError {
  if (error instanceof AppError) return fromAppError(error);
  if (isUnavailable(error)) return fromAppError(unavailable(error));
  if (isUnstorable(error)) return fromAppError(unstorable(error));
  const status = statusOf(error);
  if (status >= 400 && status < 500)
    return {
      status,
      code: ErrorCode.BAD_USER_INPUT,
      message: REFUSED[status] ?? 'The request is not well-formed.',
      details: {},
      headers: {},
    };
  return {
    status: 500,
    code: ErrorCode.INTERNAL_SERVER_ERROR,
    message: 'Something failed on the server. It is logged under the request id.',
    details: {},
    headers: {},
  };
}
