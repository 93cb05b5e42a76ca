import 'reflect-metadata';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { EVERYONE } from '../../accounts/rights.js';
import { Rights } from '../../graphql/rights.js';
import type { CheckSendService, SendCheck } from '../check-send.service.js';
import { SendCheckInput, SendCheckType, toSendQuestion } from './check.types.js';
import type { CallerContext } from './message.loaders.js';

@Resolver()
export class CheckResolver {
  constructor(private readonly checks: CheckSendService) {}

  @Rights(...EVERYONE)
  @Query(() => SendCheckType, {
    description:
      'May this be sent to the person, and if not, why? The same rules as a send, without sending; docs/policy.md has them all. Where nobody can be asked about, the reason is NOT_FOUND, INVALID_INPUT, INVALID_PHONE_NUMBER or CHANNEL_UNAVAILABLE',
  })
  checkSend(@Ctx() { caller }: CallerContext, @Arg('input', () => SendCheckInput) input: SendCheckInput): Promise<SendCheck> {
    return this.checks.check(caller, toSendQuestion(input));
  }
}
