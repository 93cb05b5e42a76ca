/** Why a delivery failed, in the contract's words; provider codes are classified into these inside each provider's folder. */
export const ErrorKind = {
  INVALID_RECIPIENT: 'INVALID_RECIPIENT',
  UNREACHABLE: 'UNREACHABLE',
  OPTED_OUT: 'OPTED_OUT',
  CARRIER_BLOCKED: 'CARRIER_BLOCKED',
  CONTENT_REJECTED: 'CONTENT_REJECTED',
  TEMPLATE_REJECTED: 'TEMPLATE_REJECTED',
  SESSION_WINDOW_CLOSED: 'SESSION_WINDOW_CLOSED',
  POLICY_CAPPED: 'POLICY_CAPPED',
  RATE_LIMITED: 'RATE_LIMITED',
  SENDER_MISCONFIGURED: 'SENDER_MISCONFIGURED',
  PROVIDER_UNAVAILABLE: 'PROVIDER_UNAVAILABLE',
  TIMEOUT: 'TIMEOUT',
  UNKNOWN: 'UNKNOWN',
} as const;
export type ErrorKind = (typeof ErrorKind)[keyof typeof ErrorKind];

export interface DeliveryError {
  kind: ErrorKind;
  retryable: boolean;
  code: string | null;
  message: string;
}
