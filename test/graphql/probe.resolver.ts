import { Arg, Args, Ctx, Field, InputType, Int, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { AppError, ErrorCode, Refusal, UserErrorCode } from '../../src/errors.js';
import { connectionOf, PageArgs, pageOf, toConnection, type Connection } from '../../src/graphql/connection.js';
import { loaderOf, type Context } from '../../src/graphql/context.js';
import { Rights } from '../../src/graphql/rights.js';
import { DateTime, Decimal, JSONObject, Locale, TimeZone } from '../../src/graphql/scalars.js';
import { orUserErrors, UserErrorType } from '../../src/graphql/user-errors.js';
import { Channel } from '../../src/vocabulary.js';

const ANYONE = ['ADMIN', 'OPERATOR', 'SENDER', 'VIEWER'];

@ObjectType('ProbeItem')
class ProbeItem {
  @Field(() => String)
  id!: string;

  @Field(() => ProbeItem)
  get self(): ProbeItem {
    return this;
  }

  @Field(() => [ProbeItem])
  get twins(): ProbeItem[] {
    return [];
  }
}

const ProbeConnection = connectionOf('Probe', () => ProbeItem, { totalCount: true });

@InputType()
class ProbeInput {
  @Field(() => String)
  to!: string;

  @Field(() => DateTime, { nullable: true })
  at?: Date;

  @Field(() => Decimal, { nullable: true })
  amount?: string;

  @Field(() => TimeZone, { nullable: true })
  timeZone?: string;

  @Field(() => Locale, { nullable: true })
  language?: string;

  @Field(() => Channel, { nullable: true })
  channel?: Channel;

  @Field(() => JSONObject, { nullable: true })
  variables?: Record<string, unknown>;
}

@ObjectType()
class ProbePayload {
  @Field(() => String, { nullable: true })
  to?: string;

  @Field(() => Boolean)
  duplicate!: boolean;

  @Field(() => [UserErrorType])
  userErrors!: UserErrorType[];
}

const idOf = (index: number): string => `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;

/** `count` events of `bytes` each, as fast as they are taken. */
async function* ticks(count: number, bytes: number): AsyncGenerator<{ tick: number; text: string }> {
  for (let tick = 1; tick <= count; tick++) {
    yield { tick, text: 'x'.repeat(bytes) };
    if (tick % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const counters = (): { loaded: number } => ({ loaded: 0 });

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });

/** Operations that behave badly, and lists, for tests of the kit. */
@Resolver()
export class ProbeResolver {
  counted = 0;
  openStreams = 0;
  /** All that there ever were. */
  startedStreams = 0;
  /** Whether the database is, for `stored`. */
  isAway = false;

  @Rights(...ANYONE)
  @Query(() => ProbeConnection)
  items(@Args(() => PageArgs) args: PageArgs): Connection<ProbeItem> {
    const page = pageOf(args);
    const all = Array.from({ length: 7 }, (_, index) => Object.assign(new ProbeItem(), { id: idOf(index) }));
    const between = all.filter(({ id }) => (!page.after || id > page.after) && (!page.before || id < page.before));
    const rows = (page.backwards ? between.toReversed() : between).slice(0, page.limit + 1);
    return toConnection(
      rows,
      page,
      ({ id }) => id,
      async () => ++this.counted && all.length,
    );
  }

  @Rights('ADMIN', 'OPERATOR')
  @Query(() => String, { nullable: true })
  broken(): string {
    throw new TypeError('password is hunter2');
  }

  @Rights(...ANYONE)
  @Query(() => String, { nullable: true })
  missing(): string {
    throw new AppError(ErrorCode.NOT_FOUND, 'There is no such thing.', { hint: 'look elsewhere' });
  }

  @Rights(...ANYONE)
  @Query(() => String, { nullable: true })
  unreachable(): string {
    throw refused();
  }

  @Rights(...ANYONE)
  @Query(() => String)
  async slow(@Arg('ms', () => Int) ms: number): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'done';
  }

  @Rights(...ANYONE)
  @Query(() => String)
  echo(@Arg('input', () => ProbeInput) input: ProbeInput): string {
    return JSON.stringify(input);
  }

  @Rights('ADMIN', 'SENDER')
  @Mutation(() => ProbePayload)
  refuse(@Arg('input', () => ProbeInput) { to }: ProbeInput): Promise<ProbePayload> {
    const accept = async (): Promise<{ to: string; duplicate: boolean }> => {
      if (to !== 'good') throw new Refusal(UserErrorCode.INVALID_PHONE_NUMBER, 'This is not a number.', ['to']);
      return { to, duplicate: true };
    };
    return orUserErrors(accept(), { duplicate: false });
  }

  @Rights('ADMIN', 'VIEWER')
  @Subscription(() => Int, { subscribe: ({ args, context }) => (context as Context).resolver(ProbeResolver).open(args as never) })
  ticks(
    @Root() event: { tick: number; text: string },
    @Ctx() context: Context,
    @Arg('count', () => Int) _count: number,
    @Arg('bytes', () => Int, { defaultValue: 0 }) _bytes: number,
  ): number {
    loaderOf(context, counters).loaded++;
    return event.tick;
  }

  @Rights('ADMIN', 'VIEWER')
  @Subscription(() => String, { subscribe: ({ args, context }) => (context as Context).resolver(ProbeResolver).open(args as never) })
  texts(
    @Root() event: { tick: number; text: string },
    @Arg('count', () => Int) _count: number,
    @Arg('bytes', () => Int, { defaultValue: 0 }) _bytes: number,
  ): string {
    return event.text;
  }

  @Rights('ADMIN')
  @Subscription(() => Int, { subscribe: ({ context }) => (context as Context).resolver(ProbeResolver).openSilent() })
  silence(@Root() event: { tick: number }, @Ctx() context: Context): number {
    return event.tick + loaderOf(context, counters).loaded++;
  }

  @Rights('ADMIN')
  @Subscription(() => Int, { subscribe: ({ context }) => (context as Context).resolver(ProbeResolver).openSilent() })
  stored(@Root() event: { tick: number }): number {
    if (this.isAway) throw refused();
    return event.tick;
  }

  async *open({ count, bytes }: { count: number; bytes: number }): AsyncGenerator<{ tick: number; text: string }> {
    this.openStreams++;
    this.startedStreams++;
    try {
      yield* ticks(count, bytes);
    } finally {
      this.openStreams--;
    }
  }

  /** Two events, then none for ever; `return` ends it at once. */
  openSilent(): AsyncIterableIterator<{ tick: number }> {
    this.openStreams++;
    const end = Promise.withResolvers<IteratorResult<{ tick: number }>>();
    let tick = 0;
    const stream: AsyncIterableIterator<{ tick: number }> = {
      next: async () => (tick < 2 ? { done: false, value: { tick: ++tick } } : end.promise),
      return: async () => {
        this.openStreams--;
        end.resolve({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }
}
