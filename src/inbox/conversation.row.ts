import type { Channel } from '../vocabulary.js';

export const ConversationState = { OPEN: 'OPEN', CLOSED: 'CLOSED' } as const;
export type ConversationState = (typeof ConversationState)[keyof typeof ConversationState];

/** A row of `conversations`: what a contact and the tenant write each other on one channel. */
export interface ConversationRow {
  id: string;
  tenantId: string;
  contactId: string;
  channel: Channel;
  state: ConversationState;
  assignee: string | null;
  unreadCount: number;
  lastActivityAt: Date;
  /** WhatsApp: words of one's own may be sent until then. */
  sessionExpiresAt: Date | null;
  createdAt: Date;
  /** Of the address that the person last wrote from. */
  addressHash: Buffer | null;
}

export const CONVERSATION_COLUMNS: Readonly<Record<keyof ConversationRow, string>> = {
  id: 'uuid',
  tenantId: 'uuid',
  contactId: 'uuid',
  channel: 'text',
  state: 'text',
  assignee: 'text',
  unreadCount: 'int',
  lastActivityAt: 'timestamptz',
  sessionExpiresAt: 'timestamptz',
  createdAt: 'timestamptz',
  addressHash: 'bytea',
};
