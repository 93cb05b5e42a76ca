import {
  TRIALS,
  emptyTally,
  nextCircuit,
  OPEN_MS,
  PROMISING_MS,
  REMEMBERED,
  type Answers,
  type Circuit,
  type CircuitState,
  type Tally,
} from './circuit.js';
import type { ProviderError } from './provider.js';

const SLICE_MS = 10_000;
const MINUTE_MS = 60_000;
const NOTHING: Answers = { succeeded: 0, failed: 0 };
/** Most trials have their answers by then. */
const TRIAL_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const DEFAULT_PAUSE_MS = 500;

const OUTAGES: ReadonlySet<string> = new Set(['PROVIDER_UNAVAILABLE', 'TIMEOUT']);

/** What every message would meet. A fault of one number, country, sender or text stops nobody else's messages. */
const isOutage = ({ kind, options }: ProviderError): boolean => OUTAGES.has(kind) || options.ofAccount === true;

export interface ProviderSnapshot {
  circuit: CircuitState;
  succeeded: number;
  failed: number;
  durations: number[];
}

interface Watched {
  circuit: Circuit;
  /** The latest, oldest first. */
  answers: { at: number; metOutage: boolean }[];
  answeredAt: number;
  underWay: Set<{ since: number }>;
  slices: { start: number; tally: Tally }[];
  trial: Tally;
  trials: number;
  pausedUntil: number;
}

/** What this process has seen of each provider in the last minute, and what follows for sending. */
export class ProviderHealth {
  private readonly watched = new Map<string, Watched>();

  /** True: the message may go to this provider now. In a trial only a few may; each call takes one of the places. */
  admits(provider: string, now = Date.now()): boolean {
    if (this.room(provider, now) <= 0) return false;
    this.of(provider, now).trials++;
    return true;
  }

  /** How many messages `admits` would let pass now. */
  room(provider: string, now = Date.now()): number {
    const { pausedUntil, circuit, trials } = this.of(provider, now);
    if (pausedUntil > now || circuit.state === 'OPEN') return 0;
    return circuit.state === 'CLOSED' ? Infinity : TRIALS - trials;
  }

  /** Milliseconds until it is worth asking `admits` again. */
  waitMs(provider: string, now = Date.now()): number {
    const { pausedUntil, circuit } = this.of(provider, now);
    if (pausedUntil > now) return pausedUntil - now;
    return circuit.state === 'OPEN' ? circuit.since + OPEN_MS - now : TRIAL_MS;
  }

  /** A call begins; to be told when it has ended, before it is told how. */
  asking(provider: string, now = Date.now()): () => void {
    const { underWay } = this.of(provider, now);
    const call = { since: now };
    underWay.add(call);
    return () => void underWay.delete(call);
  }

  succeeded(provider: string, durationMs: number, now = Date.now()): void {
    this.count(provider, now, durationMs, false);
  }

  /** A rejection of one message proves that the provider works. */
  failed(provider: string, error: ProviderError, durationMs: number, now = Date.now()): void {
    if (error.kind === 'RATE_LIMITED') this.pause(provider, error.options.retryAfterSeconds, now);
    this.count(provider, now, durationMs, isOutage(error));
  }

  snapshot(provider: string, now = Date.now()): ProviderSnapshot {
    const { circuit, slices } = this.of(provider, now);
    return { circuit: circuit.state, ...sumOf(slices) };
  }

  private pause(provider: string, seconds: number | undefined, now: number): void {
    const ms = Math.min(seconds === undefined ? DEFAULT_PAUSE_MS : seconds * 1000, LONGEST_PAUSE_MS);
    const watched = this.of(provider, now);
    watched.pausedUntil = Math.max(watched.pausedUntil, now + ms);
  }

  private count(provider: string, now: number, durationMs: number, metOutage: boolean): void {
    const watched = this.of(provider, now);
    watched.answeredAt = now;
    const bucket = Math.ceil(Math.log2(Math.max(durationMs, 1)));
    const current = watched.slices.at(-1)?.tally;
    for (const tally of current ? [current, watched.trial] : [watched.trial]) {
      tally[metOutage ? 'failed' : 'succeeded']++;
      tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
    }
    watched.answers.push({ at: now, metOutage });
    // More than are under way, which count as good: of a thousand calls at once a hundred outages would never be most.
    while (watched.answers.length > Math.max(REMEMBERED, 2 * watched.underWay.size)) watched.answers.shift();
    // Only an outage can open a circuit.
    this.advance(watched, metOutage ? recentOf(watched, now) : NOTHING, now);
  }

  /** With the window and the circuit brought up to `now`. */
  private of(provider: string, now: number): Watched {
    let watched = this.watched.get(provider);
    if (!watched) {
      watched = {
        circuit: { state: 'CLOSED', since: now },
        answers: [],
        answeredAt: now,
        underWay: new Set(),
        slices: [],
        trial: emptyTally(),
        trials: 0,
        pausedUntil: 0,
      };
      this.watched.set(provider, watched);
    }
    const start = now - (now % SLICE_MS);
    // A claim remembers when it began, and comes here after answers that are younger.
    if (start > (watched.slices.at(-1)?.start ?? -Infinity)) {
      watched.slices.push({ start, tally: emptyTally() });
      watched.slices = watched.slices.filter((slice) => slice.start > start - MINUTE_MS);
    }
    this.advance(watched, NOTHING, now);
    return watched;
  }

  private advance(watched: Watched, recent: Answers, now: number): void {
    const before = watched.circuit;
    watched.circuit = nextCircuit(before, recent, watched.trial, now, watched.answeredAt);
    if (watched.circuit === before) return;
    watched.trials = 0;
    // Another trial goes on with the answers to the one before: where little is sent, none of ten seconds would have enough.
    if (watched.circuit.state === before.state) return;
    watched.trial = emptyTally();
    // The outage itself must not open a circuit that the trial has just closed.
    watched.answers = [];
  }
}

/**
 * The latest answers of the last minute. What is promising counts as good: of a burst of calls those that fail are often
 * the first to be answered, and a few refusals alone would look like an outage.
 */
function recentOf({ answers, underWay }: Watched, now: number): Answers {
  const ofMinute = answers.filter(({ at }) => at > now - MINUTE_MS);
  const failed = ofMinute.filter(({ metOutage }) => metOutage).length;
  const promising = [...underWay].filter(({ since }) => since > now - PROMISING_MS).length;
  return { succeeded: ofMinute.length - failed + promising, failed };
}

function sumOf(slices: readonly { tally: Tally }[]): Tally {
  const sum = emptyTally();
  for (const { tally } of slices) addTally(sum, tally);
  return sum;
}

export function addTally(sum: Tally, tally: Tally): void {
  sum.succeeded += tally.succeeded;
  sum.failed += tally.failed;
  tally.durations.forEach((count, bucket) => (sum.durations[bucket] = (sum.durations[bucket] ?? 0) + (count ?? 0)));
}

export const successRate = ({ succeeded, failed }: Pick<Tally, 'succeeded' | 'failed'>): number =>
  succeeded + failed === 0 ? 1 : succeeded / (succeeded + failed);
