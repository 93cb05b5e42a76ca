import type { HealthState, ProviderBoard } from './provider-board.js';

export interface ComponentHealth {
  name: string;
  state: HealthState;
  detail: string | null;
  latencySeconds: number | null;
  checkedAt: Date;
}

export interface SystemHealthReport {
  state: HealthState;
  components: ComponentHealth[];
}

/** Throws when the component cannot be reached. */
export type Ping = () => Promise<void>;

const PATIENCE_MS = 2_000;

/** The state of everything that sending depends on. */
export class SystemHealth {
  constructor(
    private readonly pings: Readonly<Record<string, Ping>>,
    private readonly providers: ProviderBoard,
  ) {}

  async report(): Promise<SystemHealthReport> {
    const own = await Promise.all(Object.entries(this.pings).map(([name, ping]) => checked(name, ping)));
    const providers = (await this.providers.status())
      .filter(({ enabled }) => enabled)
      .map(({ name, state, circuit, checkedAt, providerSeconds }) => ({
        name: `provider ${name}`,
        state,
        detail: circuit === 'CLOSED' ? null : `circuit ${circuit}`,
        latencySeconds: providerSeconds.p50,
        checkedAt: checkedAt ?? new Date(),
      }));
    const down = own.some(({ state }) => state === 'DOWN');
    const worse = providers.some(({ state }) => state !== 'HEALTHY');
    return { state: down ? 'DOWN' : worse ? 'DEGRADED' : 'HEALTHY', components: [...own, ...providers] };
  }
}

async function checked(name: string, ping: Ping): Promise<ComponentHealth> {
  const began = performance.now();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
  try {
    await Promise.race([ping(), promise]);
    return { name, state: 'HEALTHY', detail: null, latencySeconds: Math.round(performance.now() - began) / 1000, checkedAt: new Date() };
  } catch {
    // Not the error's text: it may name hosts and users of this installation.
    return { name, state: 'DOWN', detail: 'cannot be reached', latencySeconds: null, checkedAt: new Date() };
  } finally {
    clearTimeout(timer);
  }
}
