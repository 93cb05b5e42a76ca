import { setTimeout as pause } from 'node:timers/promises';
import type { AuditLog } from '../accounts/audit-log.js';
import { systemCaller } from '../accounts/system-caller.js';
import type { Database } from '../platform/database/database.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import { countByKey, lockOlder, nextValues, replaceSealed } from './key-rotation.queries.js';
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.js';

/** So few that nobody waits for their locks. */
const CHUNK = 200;
const COUNTED = 50_000;
const MOST_ROUNDS = 20;
const BETWEEN_ROUNDS_MS = 1_000;

export interface RotationProgress {
  table: string;
  /** Values encrypted again so far. */
  resealed: number;
}

export interface Rotated {
  resealed: number;
  /** Values that none of the keys opens: they stay as they are. */
  unreadable: number;
}

export interface KeyStatus {
  table: string;
  keyId: string;
  count: number;
  isNewest: boolean;
}

interface Some extends Rotated {
  /** Null at the end. */
  last: string[] | null;
}

/** Puts what older keys have sealed under the newest one, while everybody goes on working. May be broken off and begun again. */
export class KeyRotation {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly audit: AuditLog,
    private readonly settings: { pauseMs: number } = { pauseMs: 10 },
  ) {}

  /** `told` hears of every few thousand values. */
  async run(told: (progress: RotationProgress) => void, tenantIds: readonly string[]): Promise<Rotated> {
    const total: Rotated = { resealed: 0, unreadable: 0 };
    for (const column of SEALED_COLUMNS) {
      const { resealed, unreadable } = await this.rotate(column, told);
      total.resealed += resealed;
      total.unreadable += unreadable;
    }
    const detail = { ...total, key: this.sealer.newestKey.toString('hex') };
    await this.db.transaction(async (tx) => {
      for (const tenantId of tenantIds)
        await this.audit.record(tx, systemCaller(tenantId, 'command line'), {
          action: 'keys.rotated',
          subject: `key:${detail.key}`,
          detail,
        });
    });
    return total;
  }

  async status(): Promise<KeyStatus[]> {
    const newest = this.sealer.newestKey.toString('hex');
    const found: KeyStatus[] = [];
    for (const column of SEALED_COLUMNS)
      for (const [keyId, count] of await this.count(column)) found.push({ table: column.table, keyId, count, isNewest: keyId === newest });
    return found;
  }

  /** Rounds, because those who work on a row keep it from us, and because processes with the older settings still write. */
  private async rotate(column: SealedColumn, told: (progress: RotationProgress) => void): Promise<Rotated> {
    let resealed = 0;
    for (let round = 1; ; round++) {
      const done = await this.round(column, (count) => told({ table: column.table, resealed: resealed + count }));
      resealed += done.resealed;
      if (done.resealed > 0) told({ table: column.table, resealed });
      const counts = await this.count(column);
      counts.delete(this.sealer.newestKey.toString('hex'));
      const left = counts.values().reduce((sum, count) => sum + count, 0);
      if (left <= done.unreadable || round === MOST_ROUNDS) return { resealed, unreadable: left };
      await pause(BETWEEN_ROUNDS_MS);
    }
  }

  private async round(column: SealedColumn, told: (resealed: number) => void): Promise<Rotated> {
    const done: Rotated = { resealed: 0, unreadable: 0 };
    for (let after: string[] | null = null, chunk = 1; ; chunk++) {
      const some: Some = await this.some(column, after);
      done.resealed += some.resealed;
      done.unreadable += some.unreadable;
      after = some.last;
      if (after === null) return done;
      if (chunk % 25 === 0 && done.resealed > 0) told(done.resealed);
      if (some.resealed > 0) await pause(this.settings.pauseMs);
    }
  }

  private some(column: SealedColumn, after: string[] | null): Promise<Some> {
    const { newestKey } = this.sealer;
    return this.db.transaction(async (tx) => {
      const seen = await nextValues(tx, column, newestKey, after, CHUNK);
      const older = seen.flatMap(({ key, isOlder }) => (isOlder ? [key] : []));
      const rows = await lockOlder(tx, column, newestKey, older);
      const replaced = rows.flatMap(({ key, sealed, context }) => {
        const fresh = this.resealed(sealed, context);
        return fresh ? [{ key, sealed: fresh }] : [];
      });
      await replaceSealed(tx, column, replaced);
      const last = seen.length === CHUNK ? (seen.at(-1)?.key ?? null) : null;
      return { resealed: replaced.length, unreadable: rows.length - replaced.length, last };
    });
  }

  private async count(column: SealedColumn): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (let after: string[] | null = null; ;) {
      const page: Awaited<ReturnType<typeof countByKey>> = await countByKey(this.db.sql, column, after, COUNTED);
      for (const { keyId, count } of page) counts.set(keyId, (counts.get(keyId) ?? 0) + count);
      const end = page.toSorted((a, b) => b.place - a.place)[0];
      if (!end || end.place < COUNTED) return counts;
      after = end.last;
    }
  }

  private resealed(sealed: Buffer, context: string): Buffer | null {
    try {
      return this.sealer.reseal(sealed, context);
    } catch (error) {
      if (error instanceof UnsealError) return null;
      throw error;
    }
  }
}
