export const CircuitState = { CLOSED: 'CLOSED', OPEN: 'OPEN', HALF_OPEN: 'HALF_OPEN' } as const;
export type CircuitState = (typeof CircuitState)[keyof typeof CircuitState];

export interface Answers {
  succeeded: number;
  failed: number;
}

/** Answers of a provider in one slice of time. */
export interface Tally extends Answers {
  /** Answer times as a histogram: index i counts those below 2^i milliseconds. */
  durations: number[];
}

export const emptyTally = (): Tally => ({ succeeded: 0, failed: 0, durations: [] });

/** Fewer answers than this say nothing about a provider. */
const ENOUGH = 20;
const OPENS_AT = 0.6;
/** Answers that are looked back on, so that an outage shows within so many calls however well the minute before went. */
export const REMEMBERED = 100;
/** A call that is under way for longer than this says nothing good about a provider any more. */
export const PROMISING_MS = 2_000;
export const OPEN_MS = 10_000;
/** Without an answer for so long there is nothing to send, and no trial would ever end an outage that is long over. */
const QUIET_MS = 5 * 60_000;
/** Answers that decide a trial. */
export const TRIALS = 5;

export interface Circuit {
  state: CircuitState;
  /** When it opened, or when its last trial began. */
  since: number;
}

/**
 * CLOSED until most of the recent calls met an outage; then OPEN: no message is sent for a while; then HALF_OPEN: a few
 * go out as a trial, the majority of which closes it or opens it again. `recent`: calls that may still turn out well are
 * among those that did. `answeredAt`: the last answer of any call.
 */
export function nextCircuit(circuit: Circuit, recent: Answers, sinceTrial: Answers, now: number, answeredAt: number): Circuit {
  if (circuit.state !== 'CLOSED' && now - answeredAt >= QUIET_MS) return { state: 'CLOSED', since: now };
  switch (circuit.state) {
    case 'CLOSED': {
      const total = recent.succeeded + recent.failed;
      return total >= ENOUGH && recent.failed / total >= OPENS_AT ? { state: 'OPEN', since: now } : circuit;
    }
    case 'OPEN':
      return now - circuit.since >= OPEN_MS ? { state: 'HALF_OPEN', since: now } : circuit;
    case 'HALF_OPEN':
      // A majority, so that a provider which fails now and then is not kept waiting for a streak of luck.
      if (sinceTrial.failed > TRIALS / 2) return { state: 'OPEN', since: now };
      if (sinceTrial.succeeded > TRIALS / 2) return { state: 'CLOSED', since: now };
      // Messages that were let through for a trial may never have gone out: without another one it would last for ever.
      return now - circuit.since >= OPEN_MS ? { state: 'HALF_OPEN', since: now } : circuit;
  }
}

/** Upper bound in seconds of the answer time that a share `q` of the calls stayed below; null without calls. */
export function percentile(durations: readonly number[], q: number): number | null {
  const total = durations.reduce((sum, count) => sum + (count ?? 0), 0);
  if (total === 0) return null;
  let below = 0;
  for (const [bucket, count] of durations.entries()) {
    below += count ?? 0;
    if (below >= q * total) return 2 ** bucket / 1000;
  }
  return null;
}
