import 'reflect-metadata';
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Caller } from '../../accounts/caller.js';
import { READERS } from '../../accounts/rights.js';
import { AppError, ErrorCode } from '../../errors.js';
import type { Context } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { Bucket } from '../bucket.js';
import type { ErrorCount } from '../details.js';
import type { LiveStatistics } from '../live-statistics.js';
import type { SeriesPoint, Statistics } from '../statistics.js';
import type { StatisticsService } from '../statistics.service.js';
import type { DimensionFigures } from '../totals.js';
import { StatisticsFilter, TimeRangeInput } from './statistics.inputs.js';
import { DimensionStatisticsType, ErrorCountType, StatisticsPointType, StatisticsType } from './statistics.types.js';

type CallerContext = Context<Caller>;

interface WindowArgs {
  windowSeconds: number;
  filter?: StatisticsFilter | null;
}

const LONGEST_LIST = 200;
const USUAL_LIST = 20;
const FIRST = { nullable: true, defaultValue: USUAL_LIST, description: `At most ${LONGEST_LIST}` };

/** A series has up to 1,500 points; most have some dozens. */
const SERIES_COST = 200;

function listLength(first: number | null): number {
  const length = first ?? USUAL_LIST;
  if (length < 0 || length > LONGEST_LIST) throw new AppError(ErrorCode.BAD_USER_INPUT, `\`first\` must be from 0 to ${LONGEST_LIST}.`);
  return length;
}

@Resolver(() => StatisticsType)
export class StatisticsResolver {
  constructor(
    private readonly service: StatisticsService,
    readonly live: LiveStatistics,
  ) {}

  @Rights(...READERS)
  @Query(() => StatisticsType, {
    description:
      'Figures of the messages that were accepted in the range. BAD_USER_INPUT: the range is longer than 5 years, ends before it begins, or begins before 1970',
  })
  statistics(
    @Ctx() { caller }: CallerContext,
    @Arg('range', () => TimeRangeInput) range: TimeRangeInput,
    @Arg('filter', () => StatisticsFilter, { nullable: true, description: 'Only those that match' }) filter?: StatisticsFilter | null,
  ): Promise<Statistics> {
    return this.service.of(caller, range, filter ?? {});
  }

  @Rights(...READERS)
  @Subscription(() => StatisticsType, {
    description:
      "The rolling window's figures at once, and then whenever they have changed, at most once a second; what changes without a message's status (a late price, what leaves the window), within ten seconds",
    subscribe: ({ args, context }) => {
      const own = context as CallerContext;
      const { windowSeconds, filter } = args as WindowArgs;
      return own.resolver(StatisticsResolver).live.open(own.caller, windowSeconds, filter ?? {});
    },
  })
  statisticsUpdated(
    @Root() statistics: Statistics,
    @Arg('windowSeconds', () => Int, { defaultValue: 3600, description: 'From 60 to 86,400; counted in whole minutes' })
    _windowSeconds: number,
    @Arg('filter', () => StatisticsFilter, { nullable: true, description: 'Only those that match' }) _filter?: StatisticsFilter | null,
  ): Statistics {
    return statistics;
  }

  @FieldResolver(() => [DimensionStatisticsType], { description: 'The largest first; messages without a template are left out' })
  byTemplate(@Root() statistics: Statistics, @Arg('first', () => Int, FIRST) first: number | null): Promise<DimensionFigures[]> {
    return statistics.byTemplate(listLength(first));
  }

  @FieldResolver(() => [ErrorCountType], { description: 'Why messages are FAILED, the most frequent reason first' })
  errors(@Root() statistics: Statistics, @Arg('first', () => Int, FIRST) first: number | null): Promise<ErrorCount[]> {
    return statistics.errors(listLength(first));
  }

  @FieldResolver(() => [StatisticsPointType], {
    complexity: ({ childComplexity }) => 1 + SERIES_COST * childComplexity,
    description: 'Every bucket of the range, also those without messages: at most 1,500, else BAD_USER_INPUT',
  })
  series(
    @Root() statistics: Statistics,
    @Arg('bucket', () => Bucket, { defaultValue: Bucket.DAY }) bucket: Bucket,
  ): Promise<SeriesPoint[]> {
    return statistics.series(bucket);
  }
}
