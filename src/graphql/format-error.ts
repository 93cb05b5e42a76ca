import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { AppError, ErrorCode, Refusal } from '../errors.js';
import { isUnavailable, isUnstorable, unavailable, unstorable } from '../platform/database/database.js';
import type { Metrics } from '../platform/metrics/metrics.js';
import { exhaustsStack, tooDeep } from './query-limits.js';
import { withoutValues } from './without-values.js';

interface Verdict {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
  /** A fault of ours: to be logged. */
  fault?: Error;
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in ErrorCode;

/** The error that was thrown, under the GraphQLErrors that carry its place. */
function thrown(error: GraphQLError): Error {
  let inner: Error = error;
  while (inner instanceof GraphQLError && inner.originalError) inner = inner.originalError;
  return inner;
}

/** What the request itself got wrong: syntax, validation, variables, limits. */
function judgeRequest(error: GraphQLError): Verdict {
  const { limit, max, actual, code, retryAfterSeconds } = error.extensions;
  if (limit) return { code: ErrorCode.QUERY_TOO_COMPLEX, message: error.message, details: { limit, max, actual } };
  if (error.message.startsWith('Syntax Error: Document contains more t'))
    return { code: ErrorCode.QUERY_TOO_COMPLEX, message: 'The query is too large: too many tokens.', details: { limit: 'tokens' } };
  return {
    code: isErrorCode(code) ? code : ErrorCode.BAD_USER_INPUT,
    message: withoutValues(error.message),
    details: { retryAfterSeconds },
  };
}

function foreseenIn(cause: Error): Error {
  if (isUnavailable(cause)) return unavailable(cause);
  return isUnstorable(cause) ? unstorable(cause) : cause;
}

function judge(error: GraphQLError): Verdict {
  const cause = thrown(error);
  const foreseen = foreseenIn(cause);
  if (foreseen instanceof AppError)
    return {
      code: foreseen.code,
      message: foreseen.message,
      details: foreseen.details,
      fault: foreseen.httpStatus >= 500 ? cause : undefined,
    };
  if (cause instanceof Refusal) return { code: ErrorCode.BAD_USER_INPUT, message: cause.message, details: { userErrors: cause.reasons } };
  // Apollo parses by itself.
  if (exhaustsStack(cause) && !error.path) return judgeRequest(tooDeep());
  // Faults come from a field and so have a path; what is wrong with the request is found before any field runs.
  const ofRequest =
    cause instanceof GraphQLError && (!error.path || isErrorCode(error.extensions['code']) || error.message.startsWith('Argument "'));
  if (ofRequest && error.extensions['code'] !== ErrorCode.INTERNAL_SERVER_ERROR) return judgeRequest(error);
  return { code: ErrorCode.INTERNAL_SERVER_ERROR, message: cause.message, fault: cause };
}

/** Database errors quote the statement with its values, so of those only the kind and the place are told. */
function forLog(error: Error): Error {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (code === undefined) return error;
  const quiet = new Error([error.name, code, constraint].filter(Boolean).join(' '));
  quiet.stack = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
  return Object.assign(quiet, { code });
}

export interface ErrorFormat {
  log: Logger;
  /** Over HTTP the answer to a fault of ours is 200, like any other. */
  counts: Pick<Metrics, 'faults' | 'operations' | 'failedResults'>;
  /** Hide the messages of our own faults: in production always. */
  mask: boolean;
  /** Leave "Did you mean …?" in: it tells the schema. */
  suggestions: boolean;
}

export const codeOf = (error: GraphQLError): ErrorCode => judge(error).code;

/** An answer, or what one subscriber is told, counts once, however many of its fields failed: an alert compares it with the operations. */
export function countFailure(errors: readonly GraphQLError[], { counts }: ErrorFormat): void {
  if (errors.some((error) => judge(error).fault)) counts.failedResults.inc();
}

/** The one place where an error becomes what a client sees: a code of ErrorCode, no value that was sent, nothing of our inside. */
export function formatError(
  error: GraphQLError,
  requestId: string,
  { log, counts, mask, suggestions }: ErrorFormat,
): GraphQLFormattedError {
  const { code, message, details, fault } = judge(error);
  if (fault) {
    counts.faults.inc({ code });
    log.error({ requestId, path: error.path, err: forLog(fault) }, 'an operation failed');
  }
  const masked = mask && code === ErrorCode.INTERNAL_SERVER_ERROR;
  const shown = suggestions ? message : message.replace(/ Did you mean .*$/s, '');
  return {
    message: masked ? 'Something failed on the server. It is logged under the request id.' : shown,
    locations: error.locations,
    path: error.path,
    extensions: { code, ...details, ...(code === ErrorCode.INTERNAL_SERVER_ERROR ? { requestId } : {}) },
  };
}
