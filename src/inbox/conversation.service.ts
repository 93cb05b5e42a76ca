import type { Logger } from 'pino';
import type { Caller } from '../accounts/caller.js';
import { distinctHashes } from '../contacts/contact.row.js';
import type { ContactService } from '../contacts/contact.service.js';
import { refusedAt, Refusal } from '../errors.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessageService } from '../messages/message.service.js';
import type { SendMessageService, SentMessage } from '../messages/send-message.service.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { isUuid } from '../platform/ids.js';
import type { Channel } from '../vocabulary.js';
import {
  changeConversation,
  conversationsOfContacts,
  findConversations,
  listConversations,
  type ConversationChange,
  type ConversationPlace,
} from './conversation.queries.js';
import type { ConversationRow, ConversationState } from './conversation.row.js';
import { entriesOf, type EntryPage, type EntrySource } from './entries.queries.js';
import { openInbound } from './inbound-content.js';
import { findInbound, lastInboundOf } from './inbound.queries.js';
import type { InboundRow } from './inbound.row.js';
import type { InboxPublisher } from './inbox.ports.js';

export interface ConversationSearch {
  state?: ConversationState | null;
  channel?: Channel | null;
  unreadOnly?: boolean | null;
  /** A number or the externalId of a contact, as a whole. */
  search?: string | null;
}

export interface Reply {
  conversationId: string;
  body: string;
  mediaUrls: string[];
  idempotencyKey: string | null;
}

export interface ConversationServices {
  db: Database;
  contacts: ContactService;
  messages: MessageService;
  sending: SendMessageService;
  sealer: Sealer;
  publisher: InboxPublisher;
  log: Logger;
}

export interface PlacePage {
  limit: number;
  after: ConversationPlace | null;
}

const LONGEST_ASSIGNEE = 100;
const LONGEST_SEARCH = 300;
/** Contacts that a search by an address may find: several where an id is known in several scopes. */
const MOST_FOUND = 50;

/** What else is wrong with a reply is wrong with where it would go. */
const inReply = (field: string[]): string[] => (REPLY_FIELDS.has(field[0] ?? '') ? field : ['conversationId']);
const REPLY_FIELDS = new Set(['body', 'mediaUrls', 'idempotencyKey']);

export class ConversationService {
  constructor(private readonly services: ConversationServices) {}

  async find(caller: Caller, id: string): Promise<ConversationRow | null> {
    return isUuid(id) ? ((await this.findMany(caller, [id]))[0] ?? null) : null;
  }

  findMany(caller: Caller, ids: readonly string[]): Promise<ConversationRow[]> {
    return findConversations(this.services.db.sql, caller.tenantId, ids);
  }

  /** The one with the latest activity first; one row more than `page.limit` when there are more. Throws Refusal for a search that is too long. */
  async list(caller: Caller, { search, state, channel, unreadOnly }: ConversationSearch, page: PlacePage): Promise<ConversationRow[]> {
    const filter = { state, channel, unreadOnly: unreadOnly === true };
    if (typeof search !== 'string') return listConversations(this.services.db.sql, caller.tenantId, filter, page);
    const found = await this.services.contacts.list(
      caller,
      { search: search.slice(0, LONGEST_SEARCH) },
      { limit: MOST_FOUND, after: null },
    );
    const contactIds = found.map(({ id }) => id);
    return contactIds.length === 0 ? [] : listConversations(this.services.db.sql, caller.tenantId, { ...filter, contactIds }, page);
  }

  ofContacts(caller: Caller, contactIds: readonly string[], page: PlacePage): Promise<ConversationRow[]> {
    return conversationsOfContacts(this.services.db.sql, caller.tenantId, contactIds, page);
  }

  /** By conversation: what went out and what came in, by time; one more than `page.limit` when there are more. */
  async entries(
    caller: Caller,
    conversations: readonly ConversationRow[],
    page: EntryPage,
  ): Promise<Map<string, (MessageRow | InboundRow)[]>> {
    const { db, messages } = this.services;
    const refs = await entriesOf(db.sql, caller.tenantId, await this.sourcesOf(caller, conversations), page);
    const idsOf = (kind: string): string[] => refs.filter((ref) => ref.kind === kind).map(({ id }) => id);
    const [sent, received] = [idsOf('MESSAGE'), idsOf('INBOUND')];
    const rows = new Map<string, MessageRow | InboundRow>();
    if (sent.length > 0) for (const row of await messages.findMany(caller, sent)) rows.set(row.id, row);
    if (received.length > 0) for (const row of await findInbound(db.sql, caller.tenantId, received)) rows.set(row.id, row);
    const byConversation = Map.groupBy(refs, ({ conversationId }) => conversationId);
    return new Map(conversations.map(({ id }) => [id, (byConversation.get(id) ?? []).flatMap((ref) => rows.get(ref.id) ?? [])]));
  }

  /**
   * Answers where the person last wrote from, of the addresses that are still theirs. Asks the policy like any send.
   * Throws Refusal: NOT_FOUND, SESSION_WINDOW_CLOSED, and what a send throws; then nothing was stored.
   */
  async reply(caller: Caller, request: Reply): Promise<SentMessage> {
    const { conversationId, body, mediaUrls, idempotencyKey } = request;
    let answered: string | null = null;
    const terms = async () => {
      const { inboundId, ...place } = await this.lastPlace(caller, conversationId);
      answered = inboundId;
      return { ...BLANK, ...place, body, mediaUrls, idempotencyKey };
    };
    const sent = await refusedAt(inReply, () => this.services.sending.sendFor(caller, request, terms));
    if (sent.message) await this.replied(caller, conversationId, answered, sent.message);
    return sent;
  }

  /**
   * Never throws: the message is on its way, and who were told otherwise would send it twice. For a repeated reply, too:
   * the first may have ended here. After a merge meanwhile, what was answered is in another conversation.
   */
  private async replied(caller: Caller, id: string, inboundId: string | null, { createdAt: activityAt }: MessageRow): Promise<void> {
    const { db, log } = this.services;
    try {
      if ((await this.apply(caller, id, { activityAt })) || inboundId === null) return;
      const [moved] = await findInbound(db.sql, caller.tenantId, [inboundId]);
      if (moved) await this.apply(caller, moved.conversationId, { activityAt });
    } catch (error) {
      log.warn({ err: error, conversationId: id }, 'a reply was sent, and its conversation stays where it was in the list');
    }
  }

  private async lastPlace(caller: Caller, conversationId: string): Promise<{ inboundId: string; to: string; channels: Channel[] }> {
    const { db, sealer } = this.services;
    const conversation = await this.get(caller, conversationId, 'conversationId');
    const last = await lastInboundOf(db.sql, caller.tenantId, conversation.id);
    if (!last?.sealed)
      throw new Refusal('NOT_FOUND', 'Nobody has written here from an address that is still theirs: there is none to reply to.', [
        'conversationId',
      ]);
    return { inboundId: last.id, to: openInbound(sealer, caller.tenantId, last.sealed).from, channels: [conversation.channel] };
  }

  markRead(caller: Caller, id: string): Promise<{ conversation: ConversationRow }> {
    return this.change(caller, id, { unreadCount: 0 });
  }

  /** Null: nobody's any more. */
  async assign(caller: Caller, id: string, assignee: string | null): Promise<{ conversation: ConversationRow }> {
    const name = assignee?.trim() ?? null;
    if (name !== null && (name.length === 0 || name.length > LONGEST_ASSIGNEE || name.includes('\0')))
      throw new Refusal('INVALID_INPUT', `A name of 1 to ${LONGEST_ASSIGNEE} characters; null for nobody.`, ['assignee']);
    return this.change(caller, id, { assignee: name });
  }

  setState(caller: Caller, id: string, state: ConversationState): Promise<{ conversation: ConversationRow }> {
    return this.change(caller, id, { state });
  }

  private async change(caller: Caller, id: string, change: ConversationChange): Promise<{ conversation: ConversationRow }> {
    const conversation = isUuid(id) ? await this.apply(caller, id, change) : null;
    if (!conversation) throw notFound('id');
    return { conversation };
  }

  /** Null where there is none. */
  private async apply({ tenantId }: Caller, id: string, change: ConversationChange): Promise<ConversationRow | null> {
    const { db, publisher } = this.services;
    const conversation = await changeConversation(db.sql, tenantId, id, change);
    if (conversation) publisher.publish({ tenantId, conversationId: id, inboundId: null });
    return conversation;
  }

  private async get(caller: Caller, id: string, field: string): Promise<ConversationRow> {
    const conversation = await this.find(caller, id);
    if (!conversation) throw notFound(field);
    return conversation;
  }

  /** A contact is written to at each of its addresses. */
  private async sourcesOf(caller: Caller, conversations: readonly ConversationRow[]): Promise<EntrySource[]> {
    const ids = [...new Set(conversations.map(({ contactId }) => contactId))];
    const byContact = Map.groupBy(await this.services.contacts.identities(caller.tenantId, ids), ({ contactId }) => contactId);
    return conversations.flatMap(({ id: conversationId, contactId, channel }): EntrySource[] => {
      const hashes = distinctHashes(byContact.get(contactId) ?? []);
      if (hashes.length === 0) return [{ conversationId, channel, addressHash: null }];
      return hashes.map((addressHash) => ({ conversationId, channel, addressHash }));
    });
  }
}

const notFound = (field: string): Refusal => new Refusal('NOT_FOUND', 'There is no such conversation.', [field]);

const BLANK = {
  contactId: null,
  externalId: null,
  template: null,
  variables: null,
  immediate: false,
  fallbackAfterSeconds: null,
  category: 'SERVICE' as const,
  topic: null,
  language: null,
  sendAt: null,
  expiresAt: null,
  reference: null,
  provider: null,
};
