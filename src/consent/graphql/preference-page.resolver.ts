import 'reflect-metadata';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { OPERATORS, SENDERS } from '../../accounts/rights.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import type { PreferencePage, PreferencePageService } from '../preference-page.service.js';
import { CreatePreferenceLinkInput, UpdatePreferencePageInput } from './consent.inputs.js';
import type { CallerContext } from './consent.loaders.js';
import { PreferenceLinkPayload, PreferencePagePayload, PreferencePageType } from './consent.types.js';

@Resolver()
export class PreferencePageResolver {
  constructor(private readonly pages: PreferencePageService) {}

  @Rights(...OPERATORS)
  @Mutation(() => PreferenceLinkPayload, {
    description:
      'A token for a page on which one person sees and changes what they have agreed to, without signing in. It works until it ends. NOT_FOUND; INVALID_INPUT',
  })
  createPreferenceLink(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => CreatePreferenceLinkInput) { contact, validSeconds }: CreatePreferenceLinkInput,
  ): Promise<PreferenceLinkPayload> {
    return orUserErrors(this.pages.link(caller, contact, validSeconds));
  }

  @Rights(...SENDERS)
  @Query(() => PreferencePageType, {
    nullable: true,
    description: 'For the page behind the link. Null where the token is not, or no longer, valid',
  })
  preferencePage(@Ctx() { caller }: CallerContext, @Arg('token', () => String) token: string): Promise<PreferencePage | null> {
    return this.pages.page(caller, token);
  }

  @Rights(...SENDERS)
  @Mutation(() => PreferencePagePayload, {
    description: 'What the person has changed on the page. NOT_FOUND: the token is not, or no longer, valid; INVALID_INPUT',
  })
  updatePreferencePage(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => UpdatePreferencePageInput) input: UpdatePreferencePageInput,
  ): Promise<PreferencePagePayload> {
    return orUserErrors(this.pages.update(caller, input));
  }
}
