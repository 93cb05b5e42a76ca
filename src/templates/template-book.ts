import { LRUCache } from 'lru-cache';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import { ReadyTemplate } from './ready-template.js';
import { findTemplates, findVersion } from './template.queries.js';

const REMEMBERED = 2_000;

/** The templates as sends use them. */
export class TemplateBook {
  /** By template and version, neither of which ever means something else: nothing here grows stale. */
  private readonly ready = new LRUCache<string, ReadyTemplate>({ max: REMEMBERED });

  constructor(private readonly db: Database) {}

  /**
   * The published version, or another for a send that began with that one. Which one is published, and whether the template
   * may be used, is read every time: what was disabled before this call is not used, on any process. Throws Refusal
   * TEMPLATE_NOT_FOUND.
   */
  async load(tenantId: string, code: string, version?: number): Promise<ReadyTemplate> {
    const [template] = await findTemplates(this.db.sql, tenantId, [code]);
    if (!template || template.publishedVersion === null) throw refusal(`There is no published template ${JSON.stringify(code)}.`);
    if (!template.enabled) throw refusal(`The template ${code} is disabled.`);
    return this.versionOf(tenantId, template.id, code, version ?? template.publishedVersion);
  }

  private async versionOf(tenantId: string, templateId: string, code: string, version: number): Promise<ReadyTemplate> {
    const key = `${templateId} ${version}`;
    const known = this.ready.get(key);
    if (known) return known;
    const row = await findVersion(this.db.sql, tenantId, templateId, version);
    if (!row) throw refusal(`The template ${code} was changed just now.`);
    const made = new ReadyTemplate(code, version, row);
    this.ready.set(key, made);
    return made;
  }
}

const refusal = (message: string): Refusal => new Refusal('TEMPLATE_NOT_FOUND', message, ['template']);
