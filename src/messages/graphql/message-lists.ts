import DataLoader from 'dataloader';
import type { MessageRow } from '../message.row.js';
import type { MessageSearch } from '../message.service.js';

interface ListPage {
  limit: number;
  after: string | null;
}

/** The messages of each of many: of contacts, or of batches. */
export interface MessageLists {
  page(search: MessageSearch, page: ListPage): DataLoader<string, MessageRow[]>;
  count(search: MessageSearch): DataLoader<string, number>;
}

/** One loader for all owners that the same is asked of. */
class Questions<V> {
  private readonly loaders = new Map<string, DataLoader<string, V>>();

  loader(question: unknown, read: (owners: readonly string[]) => Promise<V[]>): DataLoader<string, V> {
    const key = JSON.stringify(question);
    const loader = this.loaders.get(key) ?? new DataLoader<string, V>(read);
    this.loaders.set(key, loader);
    return loader;
  }
}

/** `read` and `count` answer for all owners of an answer in one statement. */
export function messageLists<R extends MessageRow>(
  read: (owners: readonly string[], search: MessageSearch, page: ListPage) => Promise<R[]>,
  ownerOf: (row: R) => string | null,
  count: (owners: readonly string[], search: MessageSearch) => Promise<Map<string, number>>,
): MessageLists {
  const pages = new Questions<MessageRow[]>();
  const counts = new Questions<number>();
  return {
    page: (search, { limit, after }) =>
      pages.loader([search, limit, after], async (owners) => {
        const byOwner = Map.groupBy(await read(owners, search, { limit, after }), ownerOf);
        return owners.map((owner) => byOwner.get(owner) ?? []);
      }),
    count: (search) =>
      counts.loader(search, async (owners) => {
        const found = await count(owners, search);
        return owners.map((owner) => found.get(owner) ?? 0);
      }),
  };
}
