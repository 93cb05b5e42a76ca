import 'reflect-metadata';
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { SENDERS } from '../../accounts/rights.js';
import { Rights } from '../../graphql/rights.js';
import { MoneyType } from '../../graphql/vocabulary.js';
import type { BatchForecastService, BulkForecast } from '../batch-forecast.service.js';
import { SmsEncoding } from '../../templates/segments.js';
import { RejectedRecipientType, SendBulkInput, toSendBulk } from './batch.types.js';
import type { CallerContext } from './message.loaders.js';

@ObjectType('BulkForecast', { description: 'What a bulk send would do' })
class BulkForecastType implements BulkForecast {
  @Field(() => Int, { description: 'That were given' })
  recipients!: number;

  @Field(() => Int, { description: 'That would be accepted' })
  deliverable!: number;

  @Field(() => [RejectedRecipientType], { description: 'That would get nothing, those beyond maxCost too' })
  rejected!: RejectedRecipientType[];

  @Field(() => Int, { description: 'SMS parts of all messages together; 0 on other channels' })
  segments!: number;

  @Field(() => SmsEncoding, { nullable: true, description: 'Of the text; null on other channels than SMS' })
  encoding!: SmsEncoding | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'By the price list. Null when the price of any recipient is not known, or prices are in several currencies',
  })
  cost!: MoneyType | null;

  @Field(() => Int, {
    description: 'How long sending takes at PROVIDER_MESSAGES_PER_SECOND, with nothing else to send; 0 where that limit is not set',
  })
  durationSeconds!: number;
}

@Resolver()
export class ForecastResolver {
  constructor(private readonly forecasts: BatchForecastService) {}

  @Rights(...SENDERS)
  @Query(() => BulkForecastType, {
    description:
      'What sendBulk would do with this input now, without sending or storing anything; the idempotencyKey is not used. Where sendBulk would refuse the whole, BAD_USER_INPUT with the `userErrors`',
  })
  forecastBulk(
    @Ctx() { caller }: CallerContext,
    @Arg('input', () => SendBulkInput, { description: 'As for sendBulk' }) input: SendBulkInput,
  ): Promise<BulkForecast> {
    return this.forecasts.forecast(caller, toSendBulk(input));
  }
}
