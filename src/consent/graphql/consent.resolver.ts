import 'reflect-metadata';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { OPERATORS, SENDERS } from '../../accounts/rights.js';
import { ContactPayload } from '../../contacts/graphql/contact.types.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import type { ConsentService } from '../consent.service.js';
import type { OptInService } from '../opt-in.service.js';
import type { PreferenceService } from '../preference.service.js';
import { ConfirmOptInInput, ConsentInput, RequestOptInInput, SetPreferencesInput } from './consent.inputs.js';
import type { CallerContext } from './consent.loaders.js';
import { ConsentPayload } from './consent.types.js';

const NOTHING = { consents: [] };

@Resolver()
export class ConsentResolver {
  constructor(
    private readonly consents: ConsentService,
    private readonly optIns: OptInService,
    private readonly preferences: PreferenceService,
  ) {}

  @Rights(...OPERATORS)
  @Mutation(() => ConsentPayload, {
    description:
      'Records that a person has agreed. Lifts what withdrawConsent had set. Saying the same again changes nothing. NOT_FOUND; INVALID_INPUT; OPTED_OUT: the person has stopped some of it themselves, by STOP or with the provider, which only START from them takes back, so nothing was recorded',
  })
  grantConsent(@Ctx() { caller }: CallerContext, @Arg('input', () => ConsentInput) input: ConsentInput): Promise<ConsentPayload> {
    return orUserErrors(this.consents.grant(caller, input), NOTHING);
  }

  @Rights(...OPERATORS)
  @Mutation(() => ConsentPayload, {
    description:
      'Records that a person no longer agrees. From the moment it answers nothing of it is sent: messages that wait are SUPPRESSED. Holds for the addresses of the person also when the contact is erased. NOT_FOUND; INVALID_INPUT',
  })
  withdrawConsent(@Ctx() { caller }: CallerContext, @Arg('input', () => ConsentInput) input: ConsentInput): Promise<ConsentPayload> {
    return orUserErrors(this.consents.withdraw(caller, input), NOTHING);
  }

  @Rights(...OPERATORS)
  @Mutation(() => ConsentPayload, {
    description:
      'Double opt-in: asks the person on the channel. The answer YES, or confirmOptIn with the token, grants it; until then it is PENDING. What is granted already is not asked for. NOT_FOUND; INVALID_INPUT; and what refuses a message: OPTED_OUT, CHANNEL_UNAVAILABLE and others',
  })
  requestOptIn(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => RequestOptInInput) { language = null, confirmUrl = null, ...input }: RequestOptInInput,
  ): Promise<ConsentPayload> {
    return orUserErrors(this.optIns.request(caller, { ...input, language, confirmUrl }), NOTHING);
  }

  @Rights(...SENDERS)
  @Mutation(() => ConsentPayload, {
    description:
      'The person has opened the link: for the page behind it, whose key needs the role SENDER. Works once. NOT_FOUND: used, withdrawn or expired',
  })
  async confirmOptIn(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => ConfirmOptInInput) { token }: ConfirmOptInInput,
  ): Promise<ConsentPayload> {
    return orUserErrors(this.optIns.confirm(caller, token), NOTHING);
  }

  @Rights(...OPERATORS)
  @Mutation(() => ContactPayload, {
    description: 'What the person wants to hear of, by topic and channel; what was never said is wanted. NOT_FOUND; INVALID_INPUT',
  })
  setPreferences(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => SetPreferencesInput) { contact, preferences }: SetPreferencesInput,
  ): Promise<ContactPayload> {
    return orUserErrors(this.preferences.set(caller, contact, preferences));
  }
}
