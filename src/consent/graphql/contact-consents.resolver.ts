import 'reflect-metadata';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ContactRow } from '../../contacts/contact.row.js';
import { ContactType } from '../../contacts/graphql/contact.types.js';
import { READERS } from '../../accounts/rights.js';
import { loaderOf } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { JSONObject } from '../../graphql/scalars.js';
import type { ConsentReader } from '../consent-reader.js';
import type { StatedConsent } from '../consent.queries.js';
import { ConsentState, stateAt } from '../consent.row.js';
import type { CheckedEvent } from '../consent.service.js';
import type { PreferenceRow } from '../preference.queries.js';
import type { CallerContext, ConsentLoaders } from './consent.loaders.js';
import { ConsentEventType, ConsentType, PreferenceType } from './consent.types.js';

const MASKED_HELP = 'masked (•••) unless the role may see personal data';

@Resolver(() => ContactType)
export class ContactConsentsResolver {
  constructor(private readonly loaders: ConsentLoaders) {}

  @FieldResolver(() => [ConsentType], { description: 'Those that something was ever said about; the others are NONE' })
  consents(@Root() { id }: ContactRow, @Ctx() context: CallerContext): Promise<StatedConsent[]> {
    return loaderOf(context, this.loaders.consents).load(id);
  }

  @Rights(...READERS)
  @FieldResolver(() => [ConsentEventType], {
    description: 'Append-only, oldest first; `verified` recomputes the hash chain. Of merged contacts too, each with a chain of its own',
  })
  consentHistory(@Root() { id }: ContactRow, @Ctx() context: CallerContext): Promise<CheckedEvent[]> {
    return loaderOf(context, this.loaders.history).load(id);
  }

  @FieldResolver(() => [PreferenceType], { description: 'By topic; what is not in it is wanted' })
  preferences(@Root() { id }: ContactRow, @Ctx() context: CallerContext): Promise<PreferenceRow[]> {
    return loaderOf(context, this.loaders.preferences).load(id);
  }
}

@Resolver(() => ConsentType)
export class ConsentFieldsResolver {
  constructor(private readonly reader: ConsentReader) {}

  @FieldResolver(() => ConsentState)
  state(@Root() consent: StatedConsent): ConsentState {
    return stateAt(consent, new Date());
  }

  @FieldResolver(() => String, { nullable: true, description: `What the person was told when they agreed; ${MASKED_HELP}` })
  statement(@Root() consent: StatedConsent, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.proof(consent, caller).statement;
  }
}

@Resolver(() => ConsentEventType)
export class ConsentEventResolver {
  constructor(private readonly reader: ConsentReader) {}

  @FieldResolver(() => ConsentState)
  from(@Root() { fromState }: CheckedEvent): ConsentState {
    return fromState;
  }

  @FieldResolver(() => ConsentState)
  to(@Root() { toState }: CheckedEvent): ConsentState {
    return toState;
  }

  @FieldResolver(() => String, { nullable: true, description: `What the person was told; ${MASKED_HELP}` })
  statement(@Root() event: CheckedEvent, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.proof(event, caller).statement;
  }

  @FieldResolver(() => JSONObject, { nullable: true, description: 'Whatever proves it; null unless the role may see personal data' })
  evidence(@Root() event: CheckedEvent, @Ctx() { caller }: CallerContext): object | null {
    return this.reader.proof(event, caller).evidence;
  }

  @FieldResolver(() => String, { nullable: true, description: `Address that the request came from; ${MASKED_HELP}` })
  ip(@Root() event: CheckedEvent, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.proof(event, caller).ip;
  }

  @FieldResolver(() => String, { nullable: true, description: `What the program that asked said it was; ${MASKED_HELP}` })
  userAgent(@Root() event: CheckedEvent, @Ctx() { caller }: CallerContext): string | null {
    return this.reader.proof(event, caller).userAgent;
  }

  @FieldResolver(() => String, { description: 'SHA-256 over this event and the hash of the one before it, in hexadecimal digits' })
  hash(@Root() { hash }: CheckedEvent): string {
    return hash.toString('hex');
  }
}
