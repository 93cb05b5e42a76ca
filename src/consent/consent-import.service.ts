import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import type { ContactImport } from '../contacts/contact-import.js';
import type { ContactTenants } from '../contacts/contact.ports.js';
import { identitiesOf, lockContacts } from '../contacts/contact.queries.js';
import { Overtaken } from '../contacts/overtaken.js';
import { Refusal, type UserErrorCode } from '../errors.js';
import { inChunks } from '../platform/batching/in-chunks.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { applyConsentChanges, type ConsentChange } from './consent-changes.js';
import { readLine, type ConsentLine, type ImportTerms, type ReadLine } from './consent-line.js';
import type { ConsentWithdrawal } from './consent-withdrawal.js';
import { consentsOf, historyOf, suppressionsOf, takePlaces } from './consent.queries.js';
import { proofOf } from './consent.service.js';

/** A line of which nothing was recorded. */
export interface RejectedConsent {
  line: number;
  /** Whom it names, as it was given, shortened. */
  to: string;
  code: UserErrorCode;
  message: string;
}

export interface ConsentsImported {
  total: number;
  /** Lines that said something new. */
  recorded: number;
  /** Lines that said what is recorded already. */
  unchanged: number;
  rejected: number;
}

const CHUNK = 500;
const MOST_LINES = 1_000_000;
const LONGEST_SHOWN = 100;

type Place = Pick<ConsentChange, 'contactId' | 'channel' | 'category'>;
const keyOf = ({ contactId, channel, category }: Place): string => `${contactId} ${channel} ${category}`;

/** Consents that come as a file of any length, a few hundred lines in a transaction. */
export class ConsentImportService {
  constructor(
    private readonly db: Database,
    private readonly audit: AuditLog,
    private readonly tenants: ContactTenants,
    private readonly people: ContactImport,
    private readonly sealer: Sealer,
    private readonly withdrawal: ConsentWithdrawal,
  ) {}

  /** Reads `lines` no faster than they can be stored, and tells of each that is rejected. What was recorded until a fault stays recorded. */
  async import(
    caller: Caller,
    terms: ImportTerms,
    lines: AsyncIterable<readonly ConsentLine[]>,
    rejected: (line: RejectedConsent) => void,
  ): Promise<ConsentsImported> {
    const result = { total: 0, recorded: 0, unchanged: 0, rejected: 0 };
    const reject = (line: ConsentLine, { reasons: [reason] }: Refusal): void => {
      result.rejected++;
      rejected({ line: line.line, to: shownOf(line), code: reason?.code ?? 'INVALID_INPUT', message: reason?.message ?? '' });
    };
    try {
      for await (const chunk of inChunks(lines, CHUNK)) {
        const isFirst = result.total === 0;
        if (result.total + chunk.length > MOST_LINES)
          throw new Refusal('INVALID_INPUT', 'At most 1,000,000 lines in one file; those before are recorded.');
        const { recorded, refused } = await this.take(caller, terms, chunk, isFirst);
        for (const [line, refusal] of refused) reject(line, refusal);
        result.total += chunk.length;
        result.recorded += recorded;
        result.unchanged += chunk.length - recorded - refused.length;
      }
    } catch (error) {
      // Where that cannot be written either, the entry of its beginning stands alone.
      if (result.total > 0) await this.recordEnd(caller, { ...result, complete: false }).catch(() => undefined);
      throw error;
    }
    if (result.total === 0) throw new Refusal('INVALID_INPUT', 'The file names nobody.');
    await this.recordEnd(caller, { ...result, complete: true });
    return result;
  }

  private recordEnd(caller: Caller, { ...detail }: ConsentsImported & { complete: boolean }): Promise<void> {
    return this.db.transaction((tx) => this.audit.record(tx, caller, { action: 'consents.imported', subject: subjectOf(caller), detail }));
  }

  private async take(caller: Caller, terms: ImportTerms, chunk: readonly ConsentLine[], isFirst: boolean) {
    const { defaultCountry } = await this.tenants.settings(caller.tenantId);
    const at = new Date();
    const refused: [ConsentLine, Refusal][] = [];
    const read: [ConsentLine, ReadLine][] = [];
    for (const line of chunk)
      try {
        read.push([line, readLine(line, terms, defaultCountry, at)]);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused.push([line, error]);
      }
    const stored = await this.db.transaction(async (tx) => {
      if (isFirst) await this.audit.record(tx, caller, { action: 'consents.importStarted', subject: subjectOf(caller) });
      return this.store(tx, caller, read, at);
    });
    stored.publish();
    refused.push(...stored.refused);
    return { recorded: stored.recorded, refused: refused.toSorted(([a], [b]) => a.line - b.line) };
  }

  private async store(tx: Transaction<unknown>, caller: Caller, read: readonly [ConsentLine, ReadLine][], at: Date) {
    const { tenantId } = caller;
    const objecting = read.flatMap(([, { state, draft }]) => (state === 'WITHDRAWN' ? [draft] : []));
    if (objecting.length > 0) await takePlaces(tx, tenantId, await this.people.addressHashes(tx, tenantId, objecting));
    const people = await this.people.within(
      tx,
      tenantId,
      read.map(([, { draft }]) => draft),
      at,
    );
    const refused: [ConsentLine, Refusal][] = [];
    const known = read.flatMap(([line, one], index): Known[] => {
      const person = people[index];
      if (typeof person === 'string') return [{ line, one, contactId: person }];
      if (person) refused.push([line, person]);
      return [];
    });
    const ids = [...new Set(known.map(({ contactId }) => contactId))];
    const locked = await lockContacts(tx, tenantId, ids);
    // Merged or erased since they were found: what is written to them now would be nobody's.
    if (locked.length < ids.length || locked.some(({ erasedAt }) => erasedAt !== null)) throw new Overtaken();
    const hashesOf = await this.addressHashes(tx, tenantId, ids);
    // Those that came meanwhile; the others are held already.
    await takePlaces(tx, tenantId, everyAddress(known.filter(isWithdrawal), hashesOf));
    const allowed = await this.withoutObjections(tx, tenantId, known, hashesOf, refused);
    const changes = allowed.flatMap((line) => changesOf(caller, line, at));
    // Where a file names somebody twice, each of its lines differs from what the other one made of it, however often it is sent.
    const history = await historyOf(tx, tenantId, ids);
    const events = await applyConsentChanges(tx, this.sealer, tenantId, changes, history);
    const said = new Set(events.map(keyOf));
    const recorded = allowed.filter(({ one, contactId }) => scopeOf(one).some((place) => said.has(keyOf({ contactId, ...place })))).length;
    return { recorded, refused, publish: await this.withdraw(tx, tenantId, allowed, hashesOf, at) };
  }

  /** A file may be older than what people have said since: it brings nobody back who has withdrawn. */
  private async withoutObjections(
    tx: Transaction<unknown>,
    tenantId: string,
    known: readonly Known[],
    hashesOf: HashesOf,
    refused: [ConsentLine, Refusal][],
  ): Promise<Known[]> {
    const consents = await consentsOf(tx, tenantId, [...new Set(known.map(({ contactId }) => contactId))]);
    const objected = new Set(consents.filter(({ state }) => state === 'WITHDRAWN').map(keyOf));
    const granting = known.filter(({ one }) => one.state === 'GRANTED').map(({ contactId }) => contactId);
    const rows = await suppressionsOf(
      tx,
      tenantId,
      granting.flatMap((contactId) => hashesOf(contactId)),
    );
    const suppressed = new Set(rows.map(({ addressHash, channel, category }) => `${addressHash.toString('hex')} ${channel} ${category}`));
    const isStopped = (contactId: string, channel: Channel, category: MessageCategory): boolean =>
      objected.has(keyOf({ contactId, channel, category })) ||
      hashesOf(contactId).some((hash) => ['*', category].some((one) => suppressed.has(`${hash.toString('hex')} ${channel} ${one}`)));
    return known.filter(({ line, one, contactId }) => {
      const stopped =
        one.state === 'GRANTED' ? scopeOf(one).find(({ channel, category }) => isStopped(contactId, channel, category)) : null;
      if (stopped)
        refused.push([
          line,
          new Refusal('OPTED_OUT', `The person has withdrawn ${stopped.channel} ${stopped.category}, which a file does not undo.`, []),
        ]);
      else if (one.state === 'WITHDRAWN') for (const place of scopeOf(one)) objected.add(keyOf({ contactId, ...place }));
      return !stopped;
    });
  }

  /** What forbids: of the addresses, and of what waits for them. */
  private async withdraw(
    tx: Transaction<unknown>,
    tenantId: string,
    allowed: readonly Known[],
    hashesOf: HashesOf,
    at: Date,
  ): Promise<() => void> {
    const alike = Map.groupBy(allowed.filter(isWithdrawal), ({ one }) => [one.source, ...one.channels, ...one.categories].join());
    const publish: (() => void)[] = [];
    for (const some of alike.values()) {
      const [first] = some;
      if (!first) continue;
      const { source, channels, categories } = first.one;
      const addressHashes = everyAddress(some, hashesOf);
      await this.withdrawal.block(tx, tenantId, addressHashes, scopeOf(first.one), { source, at });
      publish.push(await this.withdrawal.stopMessages(tx, { tenantId, addressHashes, channels, source, at, by: 'API' }, categories));
    }
    return () => publish.forEach((told) => told());
  }

  private async addressHashes(tx: Transaction<unknown>, tenantId: string, contactIds: readonly string[]): Promise<HashesOf> {
    const byContact = Map.groupBy(await identitiesOf(tx, tenantId, contactIds), ({ contactId }) => contactId);
    return (contactId) => (byContact.get(contactId) ?? []).map(({ addressHash }) => addressHash);
  }
}

const subjectOf = ({ tenantId }: Caller): string => `tenant:${tenantId}`;

type HashesOf = (contactId: string) => Buffer[];

interface Known {
  line: ConsentLine;
  one: ReadLine;
  contactId: string;
}

const scopeOf = ({ channels, categories }: ReadLine): { channel: Channel; category: MessageCategory }[] =>
  channels.flatMap((channel) => categories.map((category) => ({ channel, category })));

const isWithdrawal = ({ one }: Known): boolean => one.state === 'WITHDRAWN';

const everyAddress = (lines: readonly Known[], hashesOf: HashesOf): Buffer[] =>
  [...new Set(lines.map(({ contactId }) => contactId))].flatMap((contactId) => hashesOf(contactId));

const changesOf = (caller: Caller, { one, contactId }: Known, at: Date): ConsentChange[] =>
  scopeOf(one).map((place) => ({
    ...place,
    contactId,
    to: one.state,
    source: one.source,
    actor: caller.name,
    at,
    expiresAt: one.expiresAt,
    proof: proofOf(caller, one),
  }));

function shownOf({ values }: ConsentLine): string {
  const text = values.phone ?? values.externalId ?? values.email ?? values.whatsAppUserId ?? '';
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
