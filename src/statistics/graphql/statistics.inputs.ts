import 'reflect-metadata';
import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { Bucket } from '../bucket.js';
import type { StatisticsFilter as Filter } from '../statistics.queries.js';

registerEnumType(Bucket, {
  name: 'Bucket',
  description: 'How long each point of a series is',
  valuesConfig: {
    MINUTE: { description: 'Of the last three days only' },
    HOUR: { description: 'Full hours of UTC' },
    DAY: { description: "Days of the tenant's time zone: 23 or 25 hours long where clocks change" },
    MONTH: { description: "Months of the tenant's time zone" },
  },
});

@InputType({ description: 'When messages were accepted. At most 5 years' })
export class TimeRangeInput {
  @Field(() => DateTime)
  from!: Date;

  @Field(() => DateTime, { description: 'Not included' })
  to!: Date;
}

@InputType({ description: 'All that is given must match; a list matches any of its values' })
export class StatisticsFilter implements Filter {
  @Field(() => [Channel], { nullable: true })
  channel?: Channel[] | null;

  @Field(() => [String], { nullable: true, description: 'The provider that was asked last' })
  provider?: string[] | null;

  @Field(() => [MessageCategory], { nullable: true })
  category?: MessageCategory[] | null;

  @Field(() => String, { nullable: true, description: 'Sent with this template' })
  templateCode?: string | null;

  @Field(() => ID, { nullable: true, description: 'Accepted with this batch' })
  batchId?: string | null;
}
