import DataLoader from 'dataloader';
import type { Caller } from '../../accounts/caller.js';
import type { ContactRow } from '../../contacts/contact.row.js';
import type { ContactService } from '../../contacts/contact.service.js';
import type { Context } from '../../graphql/context.js';
import type { MessageRow } from '../../messages/message.row.js';
import type { ConversationRow } from '../conversation.row.js';
import type { ConversationService, PlacePage } from '../conversation.service.js';
import type { EntryPage } from '../entries.queries.js';
import type { InboundReviewService } from '../inbound-review.service.js';
import type { InboundRow } from '../inbound.row.js';

export type CallerContext = Context<Caller>;

type Make<L> = (context: CallerContext) => L;

export interface EntriesOf {
  conversation: ConversationRow;
  page: EntryPage;
}

export interface ConversationsOf {
  contactId: string;
  page: PlacePage;
}

/** One statement for all the rows of an answer, whatever their number. */
export class InboxLoaders {
  readonly contacts: Make<DataLoader<string, ContactRow | null>>;
  readonly conversations: Make<DataLoader<string, ConversationRow | null>>;
  readonly inbound: Make<DataLoader<string, InboundRow | null>>;
  readonly entries: Make<DataLoader<EntriesOf, (MessageRow | InboundRow)[], string>>;
  readonly ofContacts: Make<DataLoader<ConversationsOf, ConversationRow[], string>>;

  constructor(contacts: ContactService, conversations: ConversationService, reviews: InboundReviewService) {
    this.contacts = ({ caller }) => new DataLoader((ids) => contacts.survivors(caller.tenantId, ids));
    this.conversations = ({ caller }) => new DataLoader(async (ids) => byId(ids, await conversations.findMany(caller, ids)));
    this.inbound = ({ caller }) => new DataLoader(async (ids) => byId(ids, await reviews.findMany(caller, ids)));
    this.entries = ({ caller }) =>
      new DataLoader(
        (asked) =>
          inPages(asked, async (page, some) => {
            const rows = await conversations.entries(
              caller,
              some.map(({ conversation }) => conversation),
              page,
            );
            return some.map(({ conversation }) => rows.get(conversation.id) ?? []);
          }),
        { cacheKeyFn: ({ conversation, page }) => conversation.id + JSON.stringify(page) },
      );
    this.ofContacts = ({ caller }) =>
      new DataLoader(
        (asked) =>
          inPages(asked, async (page, some) => {
            const ids = some.map(({ contactId }) => contactId);
            const byContact = Map.groupBy(await conversations.ofContacts(caller, ids, page), ({ contactId }) => contactId);
            return ids.map((id) => byContact.get(id) ?? []);
          }),
        { cacheKeyFn: ({ contactId, page }) => contactId + JSON.stringify(page) },
      );
  }
}

const byId = <T extends { id: string }>(ids: readonly string[], rows: readonly T[]): (T | null)[] => {
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => found.get(id) ?? null);
};

/** The same field asks all its parents for the same page, unless it is there several times under other names. */
async function inPages<T extends { page: object }, R>(
  asked: readonly T[],
  load: (page: T['page'], some: T[]) => Promise<R[]>,
): Promise<R[]> {
  const results = new Map<T, R>();
  for (const some of Map.groupBy(asked, ({ page }) => JSON.stringify(page)).values()) {
    const [first] = some;
    if (!first) continue;
    const loaded = await load(first.page, some);
    some.forEach((one, index) => results.set(one, loaded[index] as R));
  }
  return asked.map((one) => results.get(one) as R);
}
