import 'reflect-metadata';
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { READERS } from '../../accounts/rights.js';
import type { ContactRow } from '../../contacts/contact.row.js';
import { ContactType } from '../../contacts/graphql/contact.types.js';
import { ForwardPageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import type { MessageRow } from '../message.row.js';
import type { ContactMessageLoaders } from './contact-messages.loaders.js';
import { MessageFilter } from './message.inputs.js';
import type { CallerContext } from './message.loaders.js';
import { MessageConnection, MessageType } from './message.types.js';

@Resolver(() => ContactType)
export class ContactMessagesResolver {
  constructor(private readonly loaders: ContactMessageLoaders) {}

  @Rights(...READERS)
  @FieldResolver(() => MessageConnection, {
    description: 'To any address that the person is known by, newest first; also from before it was known whose it is',
  })
  async messages(
    @Root() { id }: ContactRow,
    @Ctx() context: CallerContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('filter', () => MessageFilter, { nullable: true, description: 'Only those that match' }) filter?: MessageFilter | null,
  ): Promise<Connection<MessageRow>> {
    const page = pageOf(args);
    const lists = loaderOf(context, this.loaders.lists);
    return toConnection(
      await lists.page(filter ?? {}, page).load(id),
      page,
      (row) => row.id,
      () => lists.count(filter ?? {}).load(id),
    );
  }
}

@Resolver(() => MessageType)
export class MessageContactResolver {
  constructor(private readonly loaders: ContactMessageLoaders) {}

  @Rights(...READERS)
  @FieldResolver(() => ContactType, {
    nullable: true,
    description: 'Whoever is known by the address now; null where nobody is. Not for a SENDER',
  })
  contact(@Root() row: MessageRow, @Ctx() context: CallerContext): Promise<ContactRow | null> {
    return loaderOf(context, this.loaders.contacts).load(row);
  }
}
