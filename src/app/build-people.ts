import type { AuditLog } from '../accounts/audit-log.js';
import type { TenantService } from '../accounts/tenant.service.js';
import { ConsentImportService } from '../consent/consent-import.service.js';
import { ConsentWithdrawal } from '../consent/consent-withdrawal.js';
import type { HeldMessages, OptInQuestions } from '../consent/consent.ports.js';
import { ConsentService } from '../consent/consent.service.js';
import { MergedConsents } from '../consent/merged-consents.js';
import { OptInService } from '../consent/opt-in.service.js';
import { PreferenceLink } from '../consent/preference-link.js';
import { PreferencePageService } from '../consent/preference-page.service.js';
import { PreferenceService } from '../consent/preference.service.js';
import { ProviderOptOuts } from '../consent/provider-opt-outs.js';
import type { MergedRecords } from '../contacts/contact.ports.js';
import { ContactImport } from '../contacts/contact-import.js';
import { ContactReader } from '../contacts/contact-reader.js';
import { ContactService } from '../contacts/contact.service.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';

export interface PeopleParts {
  db: Database;
  audit: AuditLog;
  tenants: TenantService;
  sealer: Sealer;
  index: BlindIndex;
  held: HeldMessages;
  /** What other features keep of a contact. */
  merged: readonly MergedRecords[];
}

export type People = ReturnType<typeof buildPeople>;

/** Contacts, and what they have agreed to. */
export function buildPeople({ db, audit, tenants, sealer, index, held, merged }: PeopleParts) {
  const withdrawal = new ConsentWithdrawal(sealer, index, held);
  const records = [new MergedConsents(sealer, withdrawal), ...merged];
  const contacts = new ContactService({ db, sealer, index, audit, merged: records }, tenants);
  const reader = new ContactReader(sealer);
  const consents = new ConsentService(db, contacts, sealer, withdrawal);
  const preferences = new PreferenceService(db, consents);
  return {
    contacts,
    reader,
    consents,
    preferences,
    imports: new ConsentImportService(db, audit, tenants, new ContactImport(sealer, index), sealer, withdrawal),
    providerOptOuts: new ProviderOptOuts(withdrawal),
    pages: new PreferencePageService(consents, preferences, new PreferenceLink(index)),
    /** Apart, because the messages that ask are built later. */
    optInsBy: (questions: OptInQuestions) => new OptInService({ db, contacts, reader, consents, sealer, index, questions }),
  };
}
