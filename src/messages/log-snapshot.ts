import { isBefore } from './feed-cursor.js';

/** Which transactions had ended at a moment, as PostgreSQL writes it: the first that was running, the first to come, and those running between. */
export class LogSnapshot {
  /** Every transaction below it had ended. */
  readonly horizon: string;
  readonly takenAt = new Date();
  private readonly next: string;
  private readonly running: ReadonlySet<string>;

  constructor(readonly text: string) {
    const [horizon = '0', next = '0', running = ''] = text.split(':');
    this.horizon = horizon;
    this.next = next;
    this.running = new Set(running.split(','));
  }

  has(xid: string): boolean {
    return isBefore(xid, this.next) && !this.running.has(xid);
  }
}
