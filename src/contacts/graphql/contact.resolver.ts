import 'reflect-metadata';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATORS, READERS } from '../../accounts/rights.js';
import { ForwardPageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import { Channel } from '../../vocabulary.js';
import type { ContactReader } from '../contact-reader.js';
import type { ContactRow, IdentityRow } from '../contact.row.js';
import type { ContactService } from '../contact.service.js';
import { ContactRefInput } from './contact-ref.types.js';
import { ContactFilter, RemoveContactAddressInput, UpsertContactInput } from './contact.inputs.js';
import type { CallerContext, ContactLoaders } from './contact.loaders.js';
import { ContactConnection, ContactIdentityType, ContactPayload, ContactType } from './contact.types.js';

const MASKED_HELP = 'masked unless the role may see personal data';

@Resolver(() => ContactType)
export class ContactResolver {
  constructor(
    private readonly service: ContactService,
    private readonly reader: ContactReader,
    private readonly loaders: ContactLoaders,
  ) {}

  @Rights(...READERS)
  @Query(() => ContactType, { nullable: true, description: 'Null where there is none' })
  contact(@Ctx() { caller }: CallerContext, @Arg('ref', () => ContactRefInput) ref: ContactRefInput): Promise<ContactRow | null> {
    return this.service.find(caller, ref, ['ref']);
  }

  @Rights(...READERS)
  @Query(() => ContactConnection, { description: 'Newest first' })
  async contacts(
    @Ctx() { caller }: CallerContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('filter', () => ContactFilter, { nullable: true, description: 'Only those that match' }) filter?: ContactFilter | null,
  ): Promise<Connection<ContactRow>> {
    const page = pageOf(args);
    return toConnection(
      await this.service.list(caller, filter ?? {}, page),
      page,
      ({ id }) => id,
      () => this.service.count(caller, filter ?? {}),
    );
  }

  @Rights(...OPERATORS)
  @Mutation(() => ContactPayload, {
    description:
      'Makes the contact, or changes it. Where the input names several, they turn out to be one person: the one with an externalId, else the oldest, takes over what is known of the others, and a consent that one of them withdrew is withdrawn. INVALID_INPUT; INVALID_PHONE_NUMBER; INVALID_EMAIL; CONFLICT: they have different externalIds',
  })
  upsertContact(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => UpsertContactInput) input: UpsertContactInput,
  ): Promise<ContactPayload> {
    return orUserErrors(this.service.upsert(caller, input));
  }

  @Rights(...OPERATORS)
  @Mutation(() => ContactPayload, {
    description:
      'The number or address has become somebody else’s: the contact is not known by it any longer. What was sent to it until then is exported and erased as theirs still. NOT_FOUND',
  })
  removeContactAddress(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => RemoveContactAddressInput) { contact, address }: RemoveContactAddressInput,
  ): Promise<ContactPayload> {
    return orUserErrors(this.service.removeAddress(caller, contact, address));
  }

  @FieldResolver(() => String, { nullable: true, description: `Null where it is not known; ${MASKED_HELP}` })
  name(@Root() row: ContactRow, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.name(row, caller);
  }

  @FieldResolver(() => String, { nullable: true, description: `E.164: of several numbers the one that was named last; ${MASKED_HELP}` })
  async phone(@Root() { id }: ContactRow, @Ctx() context: CallerContext): Promise<string | null> {
    return this.reader.latest(await loaderOf(context, this.loaders.identities).load(id), Channel.SMS, context.caller);
  }

  @FieldResolver(() => String, { nullable: true, description: `Of several the one that was named last; ${MASKED_HELP}` })
  async email(@Root() { id }: ContactRow, @Ctx() context: CallerContext): Promise<string | null> {
    return this.reader.latest(await loaderOf(context, this.loaders.identities).load(id), Channel.EMAIL, context.caller);
  }

  @FieldResolver(() => [ContactIdentityType], { description: 'Every address this person is known by, the one that was named last first' })
  identities(@Root() { id }: ContactRow, @Ctx() context: CallerContext): Promise<IdentityRow[]> {
    return loaderOf(context, this.loaders.identities).load(id);
  }
}

@Resolver(() => ContactIdentityType)
export class ContactIdentityResolver {
  constructor(private readonly reader: ContactReader) {}

  @FieldResolver(() => String, { description: `E.164 number, email address or WhatsApp user id; ${MASKED_HELP}` })
  address(@Root() identity: IdentityRow, @Ctx() { caller }: CallerContext): string {
    return this.reader.address(identity, caller);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The sender account it is scoped to, where it is' })
  scope(@Root() { scope }: IdentityRow): string | null {
    return scope || null;
  }
}
