import type { AuditLog } from '../accounts/audit-log.js';
import type { TenantService } from '../accounts/tenant.service.js';
import type { InboxPublisher } from '../inbox/inbox.ports.js';
import type { MessagePublisher } from '../messages/message.ports.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { EraseContactService } from '../privacy/erase-contact.service.js';
import { Erasure } from '../privacy/erasure.js';
import { ExportContactService } from '../privacy/export-contact.service.js';
import { MessageEraser } from '../privacy/message-eraser.js';
import { ParkedMessages, type ParkedServices } from '../privacy/parked-messages.js';
import { PersonExport } from '../privacy/person-export.js';
import { PersonFinder } from '../privacy/person-finder.js';
import { RejectedLines } from '../privacy/rejected-lines.js';
import { Retention } from '../privacy/retention.js';
import type { People } from './build-people.js';

interface PrivacyParts {
  db: Database;
  audit: AuditLog;
  tenants: TenantService;
  people: People;
  sealer: Sealer;
  index: BlindIndex;
  publisher: MessagePublisher;
  inbox: { inbound: ParkedServices['inbound']; feed: InboxPublisher };
  directory: { canRedact(provider: string): boolean };
}

/** What a person may ask for: everything that is held of them, and that it goes; and that it goes by itself in the end. */
export function buildPrivacy({ db, audit, tenants, people, sealer, index, publisher, inbox, directory }: PrivacyParts) {
  const finder = new PersonFinder(people.contacts, tenants, index, sealer);
  const lines = new RejectedLines(db, tenants, sealer, index);
  const parked = new ParkedMessages({ db, sealer, index, inbound: inbox.inbound, providers: directory });
  const erasure = new Erasure(db, sealer, parked, new MessageEraser(db, publisher, directory), lines);
  return {
    erasure,
    erasing: new EraseContactService({ db, finder, sealer, audit, erasure, inbox: inbox.feed }),
    retention: new Retention(db, lines, audit),
    exporting: new ExportContactService(db, finder, new PersonExport(db, sealer, people, lines), audit),
  };
}
