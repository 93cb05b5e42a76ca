import type { Transaction } from 'kysely';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { ChainCheck } from './consent-chain.js';
import { eventsAfter, shortenedChain, strayedConsents } from './consent.queries.js';
import type { ConsentEventRow } from './consent.row.js';

export interface ConsentsVerified {
  events: number;
  contacts: number;
  /** What is wrong first, in words; null where nothing is. */
  broken: string | null;
}

const PAGE = 5_000;

/** Recomputes every chain of a tenant, and compares what is in force with what the histories say. */
export class ConsentVerification {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /** Reads all as it was at one moment, some thousand events at a time. Stops at the first row that is not as it was written. */
  run(tenantId: string): Promise<ConsentsVerified> {
    return this.db.snapshot(async (tx) => {
      const chains = await this.chains(tx, tenantId);
      return chains.broken ? chains : { ...chains, broken: await strayed(tx, tenantId) };
    });
  }

  private async chains(tx: Transaction<unknown>, tenantId: string): Promise<ConsentsVerified> {
    let last: ConsentEventRow | null = null;
    let check = new ChainCheck(this.sealer);
    const counted = { events: 0, contacts: 0 };
    for (;;) {
      const page: ConsentEventRow[] = await eventsAfter(tx, tenantId, last, PAGE);
      for (const event of page) {
        if (event.contactId !== last?.contactId) {
          check = new ChainCheck(this.sealer);
          counted.contacts++;
        }
        if (!check.next(event)) return { ...counted, broken: describe(event) };
        counted.events++;
        last = event;
      }
      if (page.length < PAGE) return { ...counted, broken: null };
    }
  }
}

const describe = ({ id, contactId, sequence }: ConsentEventRow): string =>
  `event ${id} (number ${sequence} of contact ${contactId}) is not as it was written, or an event before it is missing`;

async function strayed(tx: Transaction<unknown>, tenantId: string): Promise<string | null> {
  const shortened = await shortenedChain(tx, tenantId);
  if (shortened) return `the last event of contact ${shortened}, which was merged into another, is missing`;
  const [first] = await strayedConsents(tx, tenantId, 1);
  if (!first) return null;
  const { contactId, channel, category, state, byEvents } = first;
  const kept = state ?? 'not there';
  return `consent ${channel} ${category} of contact ${contactId} is ${kept}, and by its history ${byEvents ?? 'never changed'}, or its event or its end is another`;
}
