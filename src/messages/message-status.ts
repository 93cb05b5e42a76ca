/** The contract's statuses, in the order a message usually passes them. */
export const MessageStatus = {
  SCHEDULED: 'SCHEDULED',
  QUEUED: 'QUEUED',
  SENDING: 'SENDING',
  UNCONFIRMED: 'UNCONFIRMED',
  SENT: 'SENT',
  DELIVERED: 'DELIVERED',
  READ: 'READ',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
  SUPPRESSED: 'SUPPRESSED',
  EXPIRED: 'EXPIRED',
} as const;
export type MessageStatus = (typeof MessageStatus)[keyof typeof MessageStatus];

export const MESSAGE_STATUSES = Object.values(MessageStatus);

/** Nothing more happens to these by itself; SENT and DELIVERED may still move when a receipt comes. */
export const ENDED: readonly MessageStatus[] = ['DELIVERED', 'READ', 'FAILED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED'];

/** May still be withdrawn: no provider has been asked. */
export const CANCELLABLE: readonly MessageStatus[] = ['SCHEDULED', 'QUEUED'];

/** No provider is known to have taken these. */
export const NOT_TAKEN: readonly MessageStatus[] = ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED'];

/** A provider was given it and has not refused it: the person may have read it. */
export const GIVEN_OUT: readonly MessageStatus[] = ['SENDING', 'UNCONFIRMED', 'SENT', 'DELIVERED', 'READ'];

/** A caller may send these again. */
export const RETRYABLE: readonly MessageStatus[] = ['FAILED', 'EXPIRED'];

/**
 * Receipts repeat, come out of order, and overtake our own note that the provider accepted. A report is applied only
 * when it stands higher than what is known; FAILED stands below DELIVERED so that a late good report wins over it.
 */
const RANK: Readonly<Record<MessageStatus, number>> = {
  SCHEDULED: 0,
  QUEUED: 1,
  SENDING: 2,
  UNCONFIRMED: 3,
  SENT: 4,
  EXPIRED: 5,
  CANCELLED: 5,
  SUPPRESSED: 5,
  FAILED: 5,
  DELIVERED: 6,
  READ: 7,
};

export const movesForward = (from: MessageStatus, to: MessageStatus): boolean => RANK[to] > RANK[from];
