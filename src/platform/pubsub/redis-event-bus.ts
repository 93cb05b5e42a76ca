import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { openRedis, SILENCE_MS } from '../redis/open-redis.js';
import type { EventBus } from './event-bus.js';

/**
 * For so long nothing is published where nobody was there to hear it: what is left out most of the time is most of what a
 * worker would say to Redis. A subscription ends that, as soon as its process has told the others.
 */
const DEAF_MS = 250;
const HEARD = 0;
const LISTENERS = 'listeners';

/** How long a new subscription waits for Redis before it starts without: reading the database makes up for it. */
const SUBSCRIBE_MS = 2_000;

/** How long after a publication that got no answer its listeners are told of it, until that succeeds. */
const TELL_AGAIN_MS = 500;

/** Published instead of what could not be. */
const LOST = null;

type Receive = (payload: unknown) => void;
type Missed = () => void;

interface Topic {
  receivers: Map<Receive, Missed | undefined>;
  /** Whether Redis has answered, or was waited for long enough. */
  listening: Promise<void>;
}

export class RedisEventBus implements EventBus {
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  /** By channel. */
  private readonly topics = new Map<string, Topic>();
  /** Channel -> until when nobody is there to hear; HEARD where somebody was the last time. */
  private readonly deaf = new Map<string, number>();
  /** Channel -> what waits until Redis has counted who heard the first of it. */
  private readonly asked = new Map<string, (() => unknown)[]>();
  /** Channels on which something could not be said. */
  private readonly lost = new Set<string>();
  private readonly heartbeat: NodeJS.Timeout;
  private telling: NodeJS.Timeout | undefined;
  /** The connection that listens has been lost. */
  private isAway = false;
  private arrivals = 0;

  constructor(
    url: string,
    private readonly prefix: string,
    private readonly log: Logger,
    silenceMs = SILENCE_MS,
  ) {
    const options = { socketTimeout: silenceMs };
    this.publisher = openRedis(url, log, { ...options, maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 2_000 });
    this.subscriber = openRedis(url, log, { ...options, maxRetriesPerRequest: null });
    // Who only listens is owed nothing, and would never notice that nobody speaks any more.
    this.heartbeat = setInterval(() => this.subscriber.status === 'ready' && void this.subscriber.ping().catch(() => undefined), silenceMs);
    this.heartbeat.unref();
    this.subscriber.on('message', (channel, text) => this.receive(channel, text));
    this.subscriber.on('close', () => (this.isAway = true));
    this.subscriber.on('ready', () => void this.hearAgain());
    this.publisher.on('ready', () => this.tellOfLost());
    this.hearOfListeners();
  }

  publish(topic: string, payload: () => unknown): void {
    const channel = this.channelOf(topic);
    const deafUntil = this.deaf.get(channel);
    if (deafUntil && Date.now() < deafUntil) return;
    const waiting = this.asked.get(channel);
    if (waiting) waiting.push(payload);
    else if (deafUntil === HEARD) void this.say(channel, payload);
    else void this.ask(channel, payload);
  }

  /** Of a large group the first part asks whether anybody is there: the others would be written out for nobody. */
  private async ask(channel: string, payload: () => unknown): Promise<void> {
    const waiting: (() => unknown)[] = [];
    this.asked.set(channel, waiting);
    const isHeard = await this.say(channel, payload);
    this.asked.delete(channel);
    if (isHeard) for (const next of waiting) void this.say(channel, next);
  }

  /** Whether somebody may have heard it. */
  private async say(channel: string, payload: () => unknown): Promise<boolean> {
    const { arrivals } = this;
    try {
      const count = await this.publisher.publish(channel, JSON.stringify(payload()));
      // Somebody may have come since Redis counted: that news has another connection, and may be faster.
      const isHeard = count > 0 || arrivals !== this.arrivals;
      this.deaf.set(channel, isHeard ? HEARD : Date.now() + DEAF_MS);
      return isHeard;
    } catch (error) {
      // Also for what waits behind it, and is dropped.
      this.lost.add(channel);
      this.tellSoon();
      this.log.debug({ err: error, channel }, 'a publication was lost');
      return false;
    }
  }

  async subscribe(topic: string, receive: Receive, missed?: Missed): Promise<() => Promise<void>> {
    const channel = this.channelOf(topic);
    const known = this.topics.get(channel) ?? { receivers: new Map<Receive, Missed | undefined>(), listening: this.listen(channel) };
    this.topics.set(channel, known);
    known.receivers.set(receive, missed);
    await known.listening;
    return async () => {
      known.receivers.delete(receive);
      if (known.receivers.size > 0 || this.topics.get(channel) !== known) return;
      this.topics.delete(channel);
      // Not waited for: while Redis is away the command waits in the client's queue.
      this.subscriber.unsubscribe(channel).catch((error: unknown) => this.log.debug({ err: error }, 'leaving a channel failed'));
    };
  }

  close(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.telling);
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  private hearOfListeners(): void {
    const channel = this.channelOf(LISTENERS);
    const heard = (arrived: unknown): void => {
      this.arrivals++;
      this.deaf.delete(String(arrived));
    };
    this.topics.set(channel, { receivers: new Map([[heard, undefined]]), listening: Promise.resolve() });
    this.subscriber.subscribe(channel).catch((error: unknown) => this.log.debug({ err: error }, 'no listeners will be heard of'));
  }

  /** Also who subscribed while Redis was away has missed what others said. */
  private async hearAgain(): Promise<void> {
    if (!this.isAway) return;
    this.isAway = false;
    try {
      // The driver has asked for all channels again before, and Redis answers in turn: from then on nothing more is missed.
      await this.subscriber.ping();
      for (const channel of this.topics.keys()) this.missed(channel);
    } catch (error) {
      this.log.debug({ err: error }, 'Redis was gone again at once');
    }
  }

  private missed(channel: string): void {
    for (const missed of this.topics.get(channel)?.receivers.values() ?? []) missed?.();
  }

  /** A Redis that stands still for a moment closes no connection, so none becomes ready again. */
  private tellSoon(): void {
    if (this.publisher.status !== 'ready') return;
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      this.tellOfLost();
    }, TELL_AGAIN_MS).unref();
  }

  private tellOfLost(): void {
    const channels = [...this.lost];
    this.lost.clear();
    for (const channel of channels) void this.say(channel, () => LOST);
  }

  /** The command waits in the client's queue while Redis is away, and is repeated after each reconnection by itself. */
  private async listen(channel: string): Promise<void> {
    const subscribed = this.subscriber.subscribe(channel).then(
      () => true,
      (error: unknown) => {
        this.log.debug({ err: error }, 'a subscription ended before Redis answered');
        return false;
      },
    );
    const { promise: waited, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(resolve, SUBSCRIBE_MS, false);
    if (await Promise.race([subscribed, waited])) this.publish(LISTENERS, () => channel);
    else void this.listenLate(channel, subscribed);
    clearTimeout(timer);
  }

  /** Whoever subscribed has begun without: what was said until Redis answers is missed. */
  private async listenLate(channel: string, subscribed: Promise<boolean>): Promise<void> {
    this.log.warn({ channel }, 'Redis does not answer; live changes come from the database meanwhile');
    if (!(await subscribed)) return;
    this.publish(LISTENERS, () => channel);
    this.missed(channel);
  }

  /** Never throws, for that would end the program: a channel may carry what another version, or somebody else, has sent. */
  private receive(channel: string, text: string): void {
    const failed = (error: unknown): void => this.log.warn({ err: error, channel }, 'a publication could not be understood');
    try {
      const payload: unknown = JSON.parse(text);
      if (payload === LOST) return this.missed(channel);
      for (const receive of this.topics.get(channel)?.receivers.keys() ?? [])
        try {
          receive(payload);
        } catch (error) {
          failed(error);
        }
    } catch (error) {
      failed(error);
    }
  }

  private channelOf(topic: string): string {
    return `${this.prefix}:${topic}`;
  }
}
