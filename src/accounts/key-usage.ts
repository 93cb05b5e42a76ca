import { LRUCache } from 'lru-cache';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../platform/database/database.js';

/** A key's last use is written at most this often. */
const WRITE_MS = 60_000;
/** How long uses are gathered into one statement. */
const GATHER_MS = 1_000;

/** Keeps `lastUsedAt` up to date without a write per request, and never in a request's way. */
export class KeyUsage {
  private readonly written = new LRUCache<string, true>({ max: 100_000, ttl: WRITE_MS });
  private pending = new Map<string, Date>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {}

  note(keyId: string): void {
    if (this.written.has(keyId)) return;
    this.written.set(keyId, true);
    this.pending.set(keyId, new Date());
    this.timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  /** Resolves once all that was gathered is written, or could not be; never rejects. Call it before the process ends. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const uses = this.pending;
    this.pending = new Map();
    this.writing = this.writing.then(() => this.write(uses));
    return this.writing;
  }

  private async write(uses: ReadonlyMap<string, Date>): Promise<void> {
    if (uses.size === 0) return;
    try {
      await sql`
        update api_keys k set last_used_at = greatest(k.last_used_at, u.at)
        from unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()]}::timestamptz[]) as u (id, at) where k.id = u.id`.execute(
        this.db.sql,
      );
    } catch (error) {
      this.log.warn({ err: error }, 'the last use of API keys could not be written');
    }
  }
}
