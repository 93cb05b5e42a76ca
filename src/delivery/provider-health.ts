import { TRIALS, emptyTally, nextCircuit, OPEN_MS, type Answers, type Circuit, type CircuitState, type Tally } from './circuit.js';
import type { ProviderError } from './provider.js';

const SLICE_MS = 10_000;
const SLICES = 6;
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

  succeeded(provider: string, durationMs: number, now = Date.now()): void {
    this.count(provider, now, durationMs, (tally) => tally.succeeded++);
  }

  /** A rejection of one message proves that the provider works. */
  failed(provider: string, error: ProviderError, durationMs: number, now = Date.now()): void {
    if (error.kind === 'RATE_LIMITED') this.pause(provider, error.options.retryAfterSeconds, now);
    this.count(provider, now, durationMs, (tally) => (isOutage(error) ? tally.failed++ : tally.succeeded++));
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

  private count(provider: string, now: number, durationMs: number, add: (tally: Tally) => void): void {
    const watched = this.of(provider, now);
    const bucket = Math.ceil(Math.log2(Math.max(durationMs, 1)));
    const current = watched.slices.at(-1)?.tally;
    for (const tally of current ? [current, watched.trial] : [watched.trial]) {
      add(tally);
      tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
    }
    this.of(provider, now);
  }

  /** Brings the window and the circuit up to `now`. */
  private of(provider: string, now: number): Watched {
    let watched = this.watched.get(provider);
    if (!watched) {
      watched = { circuit: { state: 'CLOSED', since: now }, slices: [], trial: emptyTally(), trials: 0, pausedUntil: 0 };
      this.watched.set(provider, watched);
    }
    const start = now - (now % SLICE_MS);
    // A claim remembers when it began, and comes here after answers that are younger.
    if (start > (watched.slices.at(-1)?.start ?? -Infinity)) {
      watched.slices.push({ start, tally: emptyTally() });
      watched.slices = watched.slices.filter((slice) => slice.start > start - SLICES * SLICE_MS);
    }
    const before = watched.circuit;
    watched.circuit = nextCircuit(before, answersOf(watched.slices), watched.trial, now);
    if (watched.circuit !== before) {
      watched.trial = emptyTally();
      watched.trials = 0;
      // The outage itself must not open a circuit that the trial has just closed.
      if (watched.circuit.state === 'CLOSED') watched.slices = [{ start, tally: emptyTally() }];
    }
    return watched;
  }
}

/** Asked several times for each message, and so without the histogram. */
function answersOf(slices: readonly { tally: Tally }[]): Answers {
  const sum = { succeeded: 0, failed: 0 };
  for (const { tally } of slices) {
    sum.succeeded += tally.succeeded;
    sum.failed += tally.failed;
  }
  return sum;
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
