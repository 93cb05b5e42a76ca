import { maskAddressesIn } from '../masking.js';

export interface ErrorDescription {
  name: string;
  message: string;
  code?: string | number;
  /** Frames only: a stack begins with the message as it was thrown. */
  stack?: string;
  cause?: ErrorDescription;
  errors?: ErrorDescription[];
}

const MAX_MESSAGE_LENGTH = 1_000;
const MAX_DEPTH = 4;
const MAX_ERRORS = 5;

/** Libraries that quote what they were given, which may be a message's body: GraphQL variables, JSON, PostgreSQL literals. */
const QUOTED_INPUT: readonly [RegExp, string][] = [
  [/got invalid value .+?(?=; |$)/gs, 'got invalid value •••'],
  [/cannot represent (.+?): .+/gs, 'cannot represent $1: •••'],
  [/(?:\.\.\.)?".*"(?:\.\.\.)?( is not valid JSON)/gs, '•••$1'],
  [/(invalid input (?:syntax|value) for .+?): ".*"/gs, '$1: •••'],
];

/** What may be logged of an error: never the request, response or query that libraries attach to theirs. */
export function describeError(error: unknown, depth = 1): ErrorDescription {
  if (!(error instanceof Error)) return { name: 'NotAnError', message: typeof error === 'string' ? safeMessage(error) : typeof error };
  const { code, stack } = error as { code?: unknown; stack?: unknown };
  const deeper = depth < MAX_DEPTH;
  return {
    name: error.name,
    message: safeMessage(error.message),
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    stack: typeof stack === 'string' ? stack.match(/^ +at .+$/gm)?.join('\n') : undefined,
    cause: deeper && error.cause !== undefined ? describeError(error.cause, depth + 1) : undefined,
    errors:
      deeper && error instanceof AggregateError ? error.errors.slice(0, MAX_ERRORS).map((one) => describeError(one, depth + 1)) : undefined,
  };
}

/** Bounded, without what it quotes and without addresses. */
export function safeMessage(message: unknown): string {
  const unquoted = QUOTED_INPUT.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    String(message).slice(0, MAX_MESSAGE_LENGTH),
  );
  return maskAddressesIn(unquoted);
}
