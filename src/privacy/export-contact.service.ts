import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import type { ContactRef } from '../contacts/contact.service.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { ExportPart, PersonExport } from './person-export.js';
import type { PersonFinder } from './person-finder.js';

export type ExportedPerson = Record<string, unknown>;

/** Of messages and the like; a document of more would not fit into an answer. */
const MOST_RECORDS = 10_000;

/** Hands out everything that is held of a person. */
export class ExportContactService {
  constructor(
    private readonly db: Database,
    private readonly finder: PersonFinder,
    private readonly reading: PersonExport,
    private readonly audit: AuditLog,
  ) {}

  /** Throws Refusal: NOT_FOUND, or CONFLICT for a history that is too long for one document. */
  async export(caller: Caller, ref: ContactRef): Promise<{ data: ExportedPerson }> {
    const data: ExportedPerson = { exportedAt: new Date().toISOString() };
    let records = 0;
    for await (const { section, rows } of await this.parts(caller, ref)) {
      records += rows.length;
      if (records > MOST_RECORDS)
        throw new Refusal(
          'CONFLICT',
          'More is held of this person than fits into an answer; the command "heliograph contact export" writes all of it.',
          ['contact'],
        );
      if (section === 'contact') data[section] = rows[0];
      else data[section] = [...((data[section] as unknown[] | undefined) ?? []), ...rows];
    }
    return { data: JSON.parse(JSON.stringify(data)) as ExportedPerson };
  }

  /** For whoever writes it down as it is read. Audited before anything is handed out. */
  async parts(caller: Caller, ref: ContactRef): Promise<AsyncGenerator<ExportPart, void, undefined>> {
    const person = await this.finder.find(caller, ref);
    const subject = person.contact ? `contact:${person.contact.id}` : 'address';
    await this.db.transaction((tx) => this.audit.record(tx, caller, { action: 'contact.exported', subject }));
    return this.reading.read(caller.tenantId, person);
  }
}
