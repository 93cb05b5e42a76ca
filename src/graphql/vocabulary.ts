import 'reflect-metadata';
import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { Channel, MessageCategory } from '../vocabulary.js';
import { Decimal } from './scalars.js';

registerEnumType(Channel, {
  name: 'Channel',
  description: 'How a message reaches the person',
  valuesConfig: { EMAIL: { description: 'No provider carries it yet: CHANNEL_UNAVAILABLE' } },
});

registerEnumType(MessageCategory, {
  name: 'MessageCategory',
  description: 'What the message is for. Its priority follows from it, and which consent, caps and quiet hours apply',
  valuesConfig: {
    AUTHENTICATION: { description: 'One-time codes and security alerts: highest priority, exempt from marketing rules and quiet hours' },
    UTILITY: { description: 'Expected by the person: appointments, orders, payments, account' },
    MARKETING: { description: 'Promotion: needs its own explicit consent' },
    SERVICE: { description: 'An answer inside a conversation that the person began' },
  },
});

@ObjectType('Money', { description: 'An exact amount' })
export class MoneyType {
  @Field(() => Decimal)
  amount!: string;

  @Field(() => String, { description: 'ISO 4217' })
  currency!: string;
}

@ObjectType('Percentiles', { description: 'Seconds that half, 95 % and 99 % did not exceed; null without figures' })
export class PercentilesType {
  @Field(() => Float, { nullable: true })
  p50!: number | null;

  @Field(() => Float, { nullable: true })
  p95!: number | null;

  @Field(() => Float, { nullable: true })
  p99!: number | null;
}
