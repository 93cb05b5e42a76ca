import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { contactIdsOf, eraseProofs } from './erased-contact.queries.js';
import { finishErasure, forgetNames, postponeErasure, takeDueErasures } from './erasure.queries.js';
import type { OpenErasure } from './erasure.row.js';
import type { MessageEraser } from './message-eraser.js';
import type { ParkedMessages } from './parked-messages.js';
import type { RejectedLines } from './rejected-lines.js';

const CHUNK = 500;
const PAUSE_MS = 5_000;
/** A message that was being accepted when the erasure began is stored by then. */
const SETTLED_MS = 60_000;
const AT_ONCE = 20;
const TURN_MS = 50_000;

/** The work on erasures that have begun. Every step finds only what is left, so that it may break off anywhere and be done twice. */
export class Erasure {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly parked: ParkedMessages,
    private readonly messages: MessageEraser,
    private readonly lines: RejectedLines,
  ) {}

  /** By the clock: goes on with what was not finished. Returns how many were looked at. Throws what failed, once each has had its turn. */
  async continue(): Promise<number> {
    const due = await takeDueErasures(this.db.sql, new Date(), AT_ONCE);
    const errors: unknown[] = [];
    for (const erasure of due) await this.run(erasure, new Date(Date.now() + TURN_MS)).catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Several erasures failed.');
    return due.length;
  }

  /** Until all is gone but what is with a provider, or the time is over. */
  async run(erasure: OpenErasure, until: Date): Promise<void> {
    const { tenantId, contactId } = erasure;
    const contactIds = contactId === null ? [] : await contactIdsOf(this.db.sql, tenantId, contactId);
    // First: whose they are is told by what was sent to the person, too. That nothing is sent must not depend on it.
    try {
      await this.parked.erase(erasure);
    } finally {
      await this.messages.stop(erasure);
    }
    while (await this.messages.eraseSome(erasure, contactIds)) if (new Date() > until) return this.later(erasure);
    while ((await eraseProofs(this.db.sql, tenantId, contactIds, CHUNK)) === CHUNK);
    if (erasure.sealed) {
      const names = this.sealer.open(erasure.sealed, tenantId) as string[];
      if (!(await this.lines.erase({ ...erasure, names }, until))) return this.later(erasure);
      await forgetNames(this.db.sql, erasure);
    }
    const isSettled = Date.now() - erasure.requestedAt.getTime() > SETTLED_MS;
    if (!isSettled || (await this.messages.isUnderWay(erasure))) return this.later(erasure);
    await finishErasure(this.db.sql, erasure, new Date());
  }

  private later(erasure: OpenErasure): Promise<void> {
    return postponeErasure(this.db.sql, erasure, new Date(Date.now() + PAUSE_MS));
  }
}
