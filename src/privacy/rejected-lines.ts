import { addressesIn } from '../contacts/address.js';
import type { ContactTenants } from '../contacts/contact.ports.js';
import type { RejectedLine } from '../messages/batch-upload.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import { namedIn } from './named-in.js';
import { rejectedChunks, replaceRejections, type RejectedChunk } from './erased-uploads.queries.js';

/** Whose lines are looked for. */
export interface NamedPerson {
  tenantId: string;
  addressHashes: readonly Buffer[];
  /** Ids and addresses that uploads may have named them by. */
  names: readonly string[];
}

const PAGE = 5;
/** Numbers are written in many ways, and end alike. */
const LAST_DIGITS = 6;
const GONE = '•••';

/** Lines of uploaded files that were rejected, which name people as they were written. */
export class RejectedLines {
  constructor(
    private readonly db: Database,
    private readonly tenants: ContactTenants,
    private readonly sealer: Sealer,
    private readonly index: BlindIndex,
  ) {}

  /** A few groups at a time. */
  async *of(person: NamedPerson): AsyncGenerator<{ batchId: string; lines: RejectedLine[] }, void, undefined> {
    const isTheirs = await this.matcher(person);
    for await (const { batchId, lines } of this.chunks(person.tenantId)) {
      const theirs = lines.filter(isTheirs);
      if (theirs.length > 0) yield { batchId, lines: theirs };
    }
  }

  /** False when the time was over before all was seen. */
  async erase(person: NamedPerson, until: Date): Promise<boolean> {
    const { tenantId } = person;
    const isTheirs = await this.matcher(person);
    for await (const { lines, ...chunk } of this.chunks(tenantId)) {
      if (new Date() > until) return false;
      if (!lines.some(isTheirs)) continue;
      const kept = lines.map((line) => (isTheirs(line) ? without(line) : line));
      // Encrypted again meanwhile, by a rotation: what is left of it comes with the next turn.
      if (!(await replaceRejections(this.db.sql, tenantId, chunk, this.sealer.seal(kept, tenantId)))) return this.erase(person, until);
    }
    return true;
  }

  /** Of files that came in that time; the lines' numbers and codes stay. False when the time was over before all was seen. */
  async forget(tenantId: string, files: { from: Date | null; to: Date }, until: number): Promise<boolean> {
    for await (const { lines, ...chunk } of this.chunks(tenantId, files)) {
      if (Date.now() > until) return false;
      if (lines.every(({ to }) => to === GONE)) continue;
      if (!(await replaceRejections(this.db.sql, tenantId, chunk, this.sealer.seal(lines.map(without), tenantId))))
        return this.forget(tenantId, files, until);
    }
    return true;
  }

  private async *chunks(
    tenantId: string,
    files?: { from: Date | null; to: Date },
  ): AsyncGenerator<RejectedChunk & { lines: RejectedLine[] }, void, undefined> {
    for (let after: RejectedChunk | null = null; ;) {
      const page: RejectedChunk[] = await rejectedChunks(this.db.sql, tenantId, { files, after, limit: PAGE });
      for (const chunk of page) yield { ...chunk, lines: this.linesOf(chunk, tenantId) };
      after = page.at(-1) ?? null;
      if (page.length < PAGE) return;
    }
  }

  /** None where no key opens them: nobody reads them either, and the others are looked at all the same. */
  private linesOf({ rejections }: RejectedChunk, tenantId: string): RejectedLine[] {
    try {
      return this.sealer.open(rejections, tenantId) as RejectedLine[];
    } catch (error) {
      if (error instanceof UnsealError) return [];
      throw error;
    }
  }

  private async matcher({ tenantId, addressHashes, names }: NamedPerson): Promise<(line: RejectedLine) => boolean> {
    const { defaultCountry } = await this.tenants.settings(tenantId);
    const hashes = new Set(addressHashes.map((hash) => hash.toString('hex')));
    const mayName = likely(names);
    const isNamedIn = namedIn(names, defaultCountry);
    return ({ to }) =>
      names.includes(to) ||
      isNamedIn(to) ||
      (mayName(to) &&
        addressesIn(to, defaultCountry).some(({ address }) => hashes.has(this.index.hash(tenantId, address).toString('hex'))));
  }
}

/** Most lines are somebody else's, which is seen at a glance: to read each as a number would take minutes. */
function likely(names: readonly string[]): (to: string) => boolean {
  const ends = names.map((name) => name.replace(/\D/g, '').slice(-LAST_DIGITS)).filter(({ length }) => length === LAST_DIGITS);
  return (to) => {
    // Digits of other scripts, and addresses that are no numbers.
    if (/[^ -~]|@|\./.test(to)) return true;
    const digits = to.replace(/\D/g, '');
    return ends.some((end) => digits.endsWith(end));
  };
}

const without = (line: RejectedLine): RejectedLine => ({
  ...line,
  to: GONE,
  message: line.to === '' ? line.message : line.message.replaceAll(line.to, GONE),
});
