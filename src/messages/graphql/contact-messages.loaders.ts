import DataLoader from 'dataloader';
import type { ContactRow } from '../../contacts/contact.row.js';
import type { ContactMessages } from '../contact-messages.service.js';
import type { MessageRow } from '../message.row.js';
import type { CallerContext } from './message.loaders.js';
import { messageLists, type MessageLists } from './message-lists.js';

/** One statement for all the contacts, or all the messages, of an answer. */
export class ContactMessageLoaders {
  readonly lists: (context: CallerContext) => MessageLists;
  readonly contacts: (context: CallerContext) => DataLoader<MessageRow, ContactRow | null>;

  constructor(service: ContactMessages) {
    this.contacts = ({ caller }) => new DataLoader((messages) => service.contactsOf(caller, messages));
    this.lists = ({ caller }) =>
      messageLists(
        (ids, search, page) => service.list(caller, ids, search, page),
        ({ personId }) => personId,
        (ids, search) => service.count(caller, ids, search),
      );
  }
}
