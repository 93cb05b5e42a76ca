import 'reflect-metadata';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import { PercentilesType } from '../../graphql/vocabulary.js';
import { Channel } from '../../vocabulary.js';
import { CircuitState } from '../circuit.js';
import { HealthState } from '../provider-board.js';

registerEnumType(HealthState, {
  name: 'HealthState',
  valuesConfig: {
    HEALTHY: { description: 'Works' },
    DEGRADED: { description: 'Works in part: a provider answers fewer than 95 % of its calls, or is on trial after an outage' },
    DOWN: { description: 'Does not work' },
  },
});
registerEnumType(CircuitState, {
  name: 'CircuitState',
  description: 'Whether messages go to a provider: it is left alone for a while when it fails',
  valuesConfig: {
    CLOSED: { description: 'Messages go out' },
    OPEN: { description: 'Most of the recent calls met an outage: no message is sent there for a while' },
    HALF_OPEN: { description: 'A few messages go out as a trial' },
  },
});

@ObjectType('ComponentHealth')
export class ComponentHealthType {
  @Field(() => String, { description: 'database, redis, or provider and its name' })
  name!: string;

  @Field(() => HealthState)
  state!: HealthState;

  @Field(() => String, { nullable: true, description: 'What is wrong' })
  detail!: string | null;

  @Field(() => Float, { nullable: true, description: 'Of the check; for a provider, the median of its answers in the last minute' })
  latencySeconds!: number | null;

  @Field(() => DateTime)
  checkedAt!: Date;
}

@ObjectType('Health')
export class HealthType {
  @Field(() => HealthState, {
    description: 'DOWN when messages can be neither accepted nor tracked; DEGRADED when a provider is in trouble',
  })
  state!: HealthState;

  @Field(() => [ComponentHealthType])
  components!: ComponentHealthType[];
}

@ObjectType('Provider', { description: 'Who carries messages, as seen in the last minute by all processes that send' })
export class ProviderType {
  @Field(() => String, { description: 'As in settings, filters and webhook addresses' })
  name!: string;

  @Field(() => [Channel])
  channels!: Channel[];

  @Field(() => Boolean, { description: 'Whether some channel sends through it' })
  enabled!: boolean;

  @Field(() => HealthState, { description: 'DOWN while the circuit is OPEN' })
  state!: HealthState;

  @Field(() => CircuitState, { description: 'The worst that any process sees' })
  circuit!: CircuitState;

  @Field(() => Float, { description: '0..1: calls that met no outage; 1 without calls. A refusal of one message is no outage' })
  successRate!: number;

  @Field(() => PercentilesType, { description: "Seconds of the provider's own answer, to the next power of two of milliseconds" })
  providerSeconds!: PercentilesType;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When a process that sends last reported; null when none has in the last 30 seconds',
  })
  checkedAt!: Date | null;
}

@ObjectType('QueueStatistics', { description: 'A queue on Redis. It carries hints only: what it loses, the sweep finds again' })
export class QueueStatisticsType {
  @Field(() => String, { description: 'otp, transactional and bulk carry messages, look-ups questions to providers' })
  name!: string;

  @Field(() => Int, { description: 'Jobs; each carries up to a few hundred messages' })
  waiting!: number;

  @Field(() => Int, { description: 'Jobs under way' })
  active!: number;

  @Field(() => Int, { description: 'Jobs that wait for a time' })
  delayed!: number;

  @Field(() => Int, { description: 'Jobs that failed, of the last 1,000; the sweep brings their messages back' })
  failed!: number;

  @Field(() => Float, { nullable: true, description: 'How long the oldest job has waited; null when none waits' })
  oldestWaitingSeconds!: number | null;
}
