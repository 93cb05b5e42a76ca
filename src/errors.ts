/** Codes of `userErrors`: what a caller can put right. Part of the public contract. */
export const UserErrorCode = {
  INVALID_PHONE_NUMBER: 'INVALID_PHONE_NUMBER',
  INVALID_EMAIL: 'INVALID_EMAIL',
  INVALID_INPUT: 'INVALID_INPUT',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  CONSENT_REQUIRED: 'CONSENT_REQUIRED',
  OPTED_OUT: 'OPTED_OUT',
  PREFERENCE_DISABLED: 'PREFERENCE_DISABLED',
  TEMPLATE_NOT_FOUND: 'TEMPLATE_NOT_FOUND',
  TEMPLATE_INVALID: 'TEMPLATE_INVALID',
  TEMPLATE_VARIABLE_MISSING: 'TEMPLATE_VARIABLE_MISSING',
  PHI_DETECTED: 'PHI_DETECTED',
  CHANNEL_UNAVAILABLE: 'CHANNEL_UNAVAILABLE',
  COUNTRY_NOT_ALLOWED: 'COUNTRY_NOT_ALLOWED',
  BUDGET_EXCEEDED: 'BUDGET_EXCEEDED',
  RATE_LIMITED: 'RATE_LIMITED',
  NOT_CANCELLABLE: 'NOT_CANCELLABLE',
  NOT_RETRYABLE: 'NOT_RETRYABLE',
  SESSION_WINDOW_CLOSED: 'SESSION_WINDOW_CLOSED',
  QUIET_HOURS: 'QUIET_HOURS',
  OTP_INVALID: 'OTP_INVALID',
  OTP_EXPIRED: 'OTP_EXPIRED',
  OTP_ATTEMPTS_EXHAUSTED: 'OTP_ATTEMPTS_EXHAUSTED',
} as const;
export type UserErrorCode = (typeof UserErrorCode)[keyof typeof UserErrorCode];

export interface UserError {
  code: UserErrorCode;
  /** For people, in English. */
  message: string;
  /** Path into the input: ["recipients", "3", "to"]. */
  field: string[];
}

/** Takes down one of the faults that a check finds, and lets it go on. */
export type Complain = (code: UserErrorCode, message: string, ...field: string[]) => void;

/** `extensions.code` of top-level GraphQL errors, and `code` of HTTP error bodies. Each has its entry in docs/errors.md. */
export const ErrorCode = {
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  INVALID_SIGNATURE: 'INVALID_SIGNATURE',
  RATE_LIMITED: 'RATE_LIMITED',
  QUERY_TOO_COMPLEX: 'QUERY_TOO_COMPLEX',
  SLOW_CONSUMER: 'SLOW_CONSUMER',
  UNAVAILABLE: 'UNAVAILABLE',
  INTERNAL_SERVER_ERROR: 'INTERNAL_SERVER_ERROR',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const HTTP_STATUS: Record<ErrorCode, number> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  INVALID_SIGNATURE: 403,
  RATE_LIMITED: 429,
  QUERY_TOO_COMPLEX: 400,
  SLOW_CONSUMER: 429,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

/** A foreseen fault that the caller cannot mend in the input: it becomes a top-level GraphQL error or an HTTP error. */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Sent to the caller beside the code, e.g. `{ retryAfterSeconds: 3 }`; never personal data. */
    readonly details: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = code;
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }
}

/** What the caller can put right. The GraphQL edge turns it into `userErrors`; anything else stays thrown. */
export class Refusal extends Error {
  readonly reasons: UserError[];

  constructor(code: UserErrorCode, message: string, field?: string[]);
  constructor(reasons: UserError[]);
  constructor(codeOrReasons: UserErrorCode | UserError[], message = '', field: string[] = []) {
    const reasons = typeof codeOrReasons === 'string' ? [{ code: codeOrReasons, message, field }] : codeOrReasons;
    super(reasons.map((reason) => reason.message).join(' '));
    this.name = 'Refusal';
    this.reasons = reasons;
  }

  /** The same reasons at other fields: those of what the caller gave. */
  at(place: (field: string[]) => string[]): Refusal {
    return new Refusal(this.reasons.map((reason) => ({ ...reason, field: place(reason.field) })));
  }
}

/** Throws one Refusal with all that `check` complains of. */
export function refuseFaults(check: (complain: Complain) => void): void {
  const faults: UserError[] = [];
  check((code, message, ...field) => faults.push({ code, message, field }));
  if (faults.length > 0) throw new Refusal(faults);
}

/** Tells what `work` refuses of the fields at `place`. */
export async function refusedAt<T>(place: (field: string[]) => string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? error.at(place) : error;
  }
}
