import type { AuditLog } from '../accounts/audit-log.js';
import type { TenantService } from '../accounts/tenant.service.js';
import type { Database } from '../platform/database/database.js';
import { lintTemplate } from '../templates/lint/lint-template.js';
import { TemplateBook } from '../templates/template-book.js';
import { TemplatePreviewService } from '../templates/template-preview.service.js';
import { TemplateTransfer } from '../templates/template-transfer.js';
import { TemplateService } from '../templates/template.service.js';

/** The texts that are sent by a code. */
export function buildTemplates({ db, audit, tenants }: { db: Database; audit: AuditLog; tenants: TenantService }) {
  const texts = new TemplateService(db, audit, tenants, lintTemplate);
  return {
    texts,
    transfer: new TemplateTransfer(texts),
    previews: new TemplatePreviewService(db, tenants, lintTemplate),
    book: new TemplateBook(db),
  };
}
