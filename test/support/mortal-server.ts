import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { migrate } from '../../src/platform/database/migrate.js';
import type { EmbeddedServer, EmbeddedStart } from '../../src/platform/embedded/embedded-server.js';
import { startPostgres } from '../../src/platform/embedded/postgres.js';
import { startRedis } from '../../src/platform/embedded/redis.js';
import type { OwnServers } from './deployment.js';
import { eventually } from './eventually.js';
import { childrenOf, processesNaming } from './processes.js';

type Start = (start: EmbeddedStart) => Promise<EmbeddedServer>;

/** A server of one's own, to be killed and started again on the files that it leaves behind. */
export class MortalServer {
  private constructor(
    private readonly begin: Start,
    private readonly dataDir: string,
    private server: EmbeddedServer,
  ) {}

  static async start(begin: Start): Promise<MortalServer> {
    const dataDir = join(tmpdir(), `heliograph-mortal-${randomUUID()}`);
    // Servers of root run as another account, which has to get in.
    await mkdir(dataDir, { mode: 0o755 });
    return new MortalServer(begin, dataDir, await begin(startOf(dataDir)));
  }

  get url(): string {
    return this.server.url;
  }

  /** With SIGKILL, every process of it. */
  async kill(): Promise<void> {
    for (const pid of await this.processes()) kill(pid);
    await this.server.ended;
  }

  /** One of those that serve a connection each, once there is one: all others are ended by the server, which then recovers. */
  async killOne(): Promise<void> {
    const serving = await eventually(async () => {
      const [main = 0] = await this.mainProcesses();
      const found = (await childrenOf(main)).find(({ command }) => /^postgres: \S+ \S+ 127\.0\.0\.1/.test(command));
      if (!found) throw new Error('Nobody is connected.');
      return found;
    }, 60_000);
    kill(serving.pid);
  }

  async revive(): Promise<void> {
    this.server = await this.begin(startOf(this.dataDir));
  }

  /** What it has written so far. */
  log(name: string): Promise<string> {
    return readFile(join(this.dataDir, name, 'server.log'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async processes(): Promise<number[]> {
    const main = await this.mainProcesses();
    const children = await Promise.all(main.map(childrenOf));
    return [...main, ...children.flat().map(({ pid }) => pid)];
  }

  /** Not the shell that guards them, which ends by itself. */
  private async mainProcesses(): Promise<number[]> {
    const named = await processesNaming(this.dataDir);
    return named.filter(({ command }) => !command.startsWith('/bin/sh')).map(({ pid }) => pid);
  }
}

const startOf = (dataDir: string): EmbeddedStart => ({ dataDir, log: pino({ level: 'silent' }), throwaway: false });

/** It may have ended meanwhile. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface MortalServers {
  postgres: MortalServer;
  redis: MortalServer;
  /** For a deployment. */
  own: OwnServers;
  stop(): Promise<void>;
}

/** Both, with the schema of today. */
export async function startMortalServers(): Promise<MortalServers> {
  const [postgres, redis] = await Promise.all([MortalServer.start(startPostgres), MortalServer.start(startRedis)]);
  await migrate(postgres.url);
  return {
    postgres,
    redis,
    own: { database: { url: postgres.url, drop: async () => undefined }, redis: { url: redis.url, prefix: 'mortal' } },
    stop: async () => void (await Promise.all([postgres.stop(), redis.stop()])),
  };
}
