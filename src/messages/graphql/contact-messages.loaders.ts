import DataLoader from 'dataloader';
import type { ContactRow } from '../../contacts/contact.row.js';
import type { ContactMessages } from '../contact-messages.service.js';
import type { MessageRow } from '../message.row.js';
import type { MessageSearch } from '../message.service.js';
import type { CallerContext } from './message.loaders.js';

interface ContactLists {
  page(search: MessageSearch, page: { limit: number; after: string | null }): DataLoader<string, MessageRow[]>;
  count(search: MessageSearch): DataLoader<string, number>;
}

/** One loader for all contacts that the same is asked of. */
class Questions<V> {
  private readonly loaders = new Map<string, DataLoader<string, V>>();

  loader(question: unknown, read: (contactIds: readonly string[]) => Promise<V[]>): DataLoader<string, V> {
    const key = JSON.stringify(question);
    const loader = this.loaders.get(key) ?? new DataLoader<string, V>(read);
    this.loaders.set(key, loader);
    return loader;
  }
}

/** One statement for all the contacts, or all the messages, of an answer. */
export class ContactMessageLoaders {
  readonly lists: (context: CallerContext) => ContactLists;
  readonly contacts: (context: CallerContext) => DataLoader<MessageRow, ContactRow | null>;

  constructor(service: ContactMessages) {
    this.contacts = ({ caller }) => new DataLoader((messages) => service.contactsOf(caller, messages));
    this.lists = ({ caller }) => {
      const pages = new Questions<MessageRow[]>();
      const counts = new Questions<number>();
      return {
        page: (search, { limit, after }) =>
          pages.loader([search, limit, after], async (ids) => {
            const byContact = Map.groupBy(await service.list(caller, ids, search, { limit, after }), ({ personId }) => personId);
            return ids.map((id) => byContact.get(id) ?? []);
          }),
        count: (search) =>
          counts.loader(search, async (ids) => {
            const found = await service.count(caller, ids, search);
            return ids.map((id) => found.get(id) ?? 0);
          }),
      };
    };
  }
}
