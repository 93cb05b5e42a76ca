import DataLoader from 'dataloader';
import type { Caller } from '../../accounts/caller.js';
import type { Context } from '../../graphql/context.js';
import type { IdentityRow } from '../contact.row.js';
import type { ContactService } from '../contact.service.js';

export type CallerContext = Context<Caller>;

/** One statement for all the contacts of an answer, whatever their number. */
export class ContactLoaders {
  readonly identities: (context: CallerContext) => DataLoader<string, IdentityRow[]>;

  constructor(contacts: ContactService) {
    this.identities = ({ caller }) =>
      new DataLoader(async (ids) => {
        const byContact = Map.groupBy(await contacts.identities(caller.tenantId, ids), ({ contactId }) => contactId);
        return ids.map((id) => byContact.get(id) ?? []);
      });
  }
}
