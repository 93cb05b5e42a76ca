import 'reflect-metadata';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { MoneyType, PercentilesType } from '../../graphql/vocabulary.js';
import { ErrorKind } from '../../messages/delivery-error.js';
import { StatusCountType } from '../../messages/graphql/batch.types.js';

const RATE = '0..1; 0 while there is nothing to divide';

@ObjectType('DimensionStatistics', { description: 'The messages that share a value' })
export class DimensionStatisticsType {
  @Field(() => String, { description: 'The value: a channel, provider, category or template code' })
  key!: string;

  @Field(() => Int)
  total!: number;

  @Field(() => Int, { description: 'DELIVERED and READ' })
  delivered!: number;

  @Field(() => Int)
  failed!: number;

  @Field(() => Float, { description: `delivered / (delivered + failed). ${RATE}` })
  successRate!: number;

  @Field(() => MoneyType, { nullable: true, description: 'In the currency of Statistics.cost; null when nothing was charged in it' })
  cost!: MoneyType | null;
}

@ObjectType('ErrorCount', { description: 'FAILED messages with the same error' })
export class ErrorCountType {
  @Field(() => ErrorKind)
  kind!: ErrorKind;

  @Field(() => String, { nullable: true, description: "The provider's own code, e.g. 30005" })
  code!: string | null;

  @Field(() => String)
  provider!: string;

  @Field(() => Int)
  count!: number;
}

@ObjectType('StatisticsPoint', { description: 'The messages that were accepted in one bucket of a series' })
export class StatisticsPointType {
  @Field(() => DateTime, { description: 'When the bucket begins; the first may begin before the range, of which it holds its part' })
  at!: Date;

  @Field(() => Int)
  total!: number;

  @Field(() => Int, { description: 'DELIVERED and READ' })
  delivered!: number;

  @Field(() => Int)
  failed!: number;

  @Field(() => Decimal, { nullable: true, description: 'In the currency of Statistics.cost; null when nothing was charged in it' })
  cost!: string | null;
}

/** Fields that are `simple` are methods of Statistics, which graphql-js calls when they are selected. */
const read = { simple: true } as const;

@ObjectType('Statistics', { description: 'Messages by when they were accepted, each as it is now' })
export class StatisticsType {
  @Field(() => DateTime, {
    description:
      'Where the figures begin: `from` rounded down to the minute, and to the quarter of an hour when it is more than three days ago',
  })
  from!: Date;

  @Field(() => DateTime, { description: 'Where they end: `to`, rounded up in the same way' })
  to!: Date;

  @Field(() => Int, { ...read, description: 'Those that took over on another channel too' })
  total!: () => Promise<number>;

  @Field(() => [StatusCountType], { ...read, description: 'Statuses that occur' })
  byStatus!: () => Promise<StatusCountType[]>;

  @Field(() => [DimensionStatisticsType], { ...read, description: 'The largest first' })
  byChannel!: () => Promise<DimensionStatisticsType[]>;

  @Field(() => [DimensionStatisticsType], {
    ...read,
    description: 'The largest first; messages that no provider was asked to send are left out',
  })
  byProvider!: () => Promise<DimensionStatisticsType[]>;

  @Field(() => [DimensionStatisticsType], { ...read, description: 'The largest first' })
  byCategory!: () => Promise<DimensionStatisticsType[]>;

  @Field(() => Float, {
    ...read,
    description: `delivered / (delivered + failed), READ counted as delivered; what is under way or went where no receipts come from is left out. ${RATE}`,
  })
  successRate!: () => Promise<number>;

  @Field(() => Float, {
    ...read,
    description: `Delivered within 30 s of being due (accepted, or sendAt), of those delivered or failed: the service's objective is 0.98. ${RATE}`,
  })
  withinObjectiveRate!: () => Promise<number>;

  @Field(() => Int, { ...read, description: 'SENT, and no receipt for 72 h (up to an hour longer)' })
  unconfirmed!: () => Promise<number>;

  @Field(() => Float, { ...read, description: `READ, of those delivered on channels that tell of reading: not SMS. ${RATE}` })
  readRate!: () => Promise<number>;

  @Field(() => Float, {
    ...read,
    description: `Delivered, of those delivered or failed that were tried again after a failure, by themselves or by a caller. ${RATE}`,
  })
  retrySuccessRate!: () => Promise<number>;

  @Field(() => PercentilesType, { ...read, description: 'Seconds from due to delivered' })
  deliverySeconds!: () => Promise<PercentilesType>;

  @Field(() => PercentilesType, { ...read, description: "Seconds from due to the first provider's call" })
  queueSeconds!: () => Promise<PercentilesType>;

  @Field(() => PercentilesType, { ...read, description: "Seconds of the provider's own answer, of each message's last call" })
  providerSeconds!: () => Promise<PercentilesType>;

  @Field(() => MoneyType, {
    nullable: true,
    ...read,
    description:
      "What providers charged in the tenant's currency; where that is nothing, in the first other one (see costs). Null when nothing was charged",
  })
  cost!: () => Promise<MoneyType | null>;

  @Field(() => [MoneyType], { ...read, description: 'What providers charged, by currency: they do not add up' })
  costs!: () => Promise<MoneyType[]>;

  @Field(() => Int, { ...read, description: 'Counted when accepted, corrected by the provider' })
  segments!: () => Promise<number>;
}
