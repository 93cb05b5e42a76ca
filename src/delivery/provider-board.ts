import type { Channel } from '../vocabulary.js';
import { percentile, type CircuitState } from './circuit.js';
import type { ProviderDirectory } from './provider-directory.js';
import { addTally, successRate, type ProviderHealth, type ProviderSnapshot } from './provider-health.js';

export const HealthState = { HEALTHY: 'HEALTHY', DEGRADED: 'DEGRADED', DOWN: 'DOWN' } as const;
export type HealthState = (typeof HealthState)[keyof typeof HealthState];

export interface ProviderStatus {
  name: string;
  channels: readonly Channel[];
  enabled: boolean;
  state: HealthState;
  circuit: CircuitState;
  /** 0..1, of the calls of the last minute that met no outage; 1 without calls. */
  successRate: number;
  providerSeconds: { p50: number | null; p95: number | null; p99: number | null };
  /** Null while no process has asked the provider for anything. */
  checkedAt: Date | null;
}

/** Where processes leave what they have seen, for all to read. What is lost comes again within seconds. */
export interface SnapshotBoard {
  put(name: string, value: unknown): Promise<void>;
  all(name: string): Promise<unknown[]>;
}

interface Posted extends ProviderSnapshot {
  at: string;
}

const WORST: readonly CircuitState[] = ['OPEN', 'HALF_OPEN', 'CLOSED'];

/** The health of the providers over all processes. */
export class ProviderBoard {
  constructor(
    private readonly directory: ProviderDirectory,
    private readonly health: ProviderHealth,
    private readonly board: SnapshotBoard,
  ) {}

  /** Called every few seconds by processes that send. */
  async post(now = new Date()): Promise<void> {
    await Promise.all(
      this.directory
        .all()
        .map(({ name }) => this.board.put(`provider:${name}`, { ...this.health.snapshot(name), at: now.toISOString() } satisfies Posted)),
    );
  }

  status(): Promise<ProviderStatus[]> {
    return Promise.all(
      this.directory.all().map(async ({ name, channels }) => ({
        name,
        channels,
        enabled: this.directory.isInUse(name),
        ...summary((await this.board.all(`provider:${name}`)) as Posted[]),
      })),
    );
  }
}

function summary(posted: readonly Posted[]): Pick<ProviderStatus, 'state' | 'circuit' | 'successRate' | 'providerSeconds' | 'checkedAt'> {
  const sum = { succeeded: 0, failed: 0, durations: [] as number[] };
  for (const { succeeded, failed, durations } of posted)
    addTally(sum, { succeeded, failed, durations: durations.map((count) => count ?? 0) });
  const circuit = WORST.find((state) => posted.some((one) => one.circuit === state)) ?? 'CLOSED';
  const rate = successRate(sum);
  const latest = posted
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  return {
    state: circuit === 'OPEN' ? 'DOWN' : circuit === 'HALF_OPEN' || rate < 0.95 ? 'DEGRADED' : 'HEALTHY',
    circuit,
    successRate: rate,
    providerSeconds: { p50: percentile(sum.durations, 0.5), p95: percentile(sum.durations, 0.95), p99: percentile(sum.durations, 0.99) },
    checkedAt: latest === undefined ? null : new Date(latest),
  };
}
