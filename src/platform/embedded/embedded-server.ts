import type { Logger } from 'pino';

/** What the start of one server is told. */
export interface EmbeddedStart {
  /** Absolute. Each server keeps its files in a folder of its own below it. */
  dataDir: string;
  log: Logger;
  /** For tests: faster, and keeps nothing. */
  throwaway: boolean;
}

export interface EmbeddedServer {
  name: string;
  url: string;
  /** Resolves when the server has ended, asked or not, with the end of its log. */
  ended: Promise<string>;
  /** Resolves when the server has ended. */
  stop(): Promise<void>;
}
