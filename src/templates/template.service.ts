import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { AppError, Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import { newId } from '../platform/ids.js';
import type { TemplateContent } from './template-content.js';
import { checkContent, completeDraft, type TemplateDraft } from './template-draft.js';
import { lintInput, placeOf, refuseErrors, type LintTemplate } from './template-linter.js';
import type { SenderSource } from './template.ports.js';
import {
  contentOf,
  countTemplates,
  dropOldDrafts,
  findTemplates,
  findVersion,
  insertTemplate,
  insertVersion,
  isStored,
  listTemplates,
  lockTemplate,
  publishedVersionsOf,
  sealVersion,
  updateTemplate,
  versionsOf,
  type NewVersion,
  type TemplateFilter,
} from './template.queries.js';
import type { TemplateRow, TemplateVersionRow } from './template.row.js';

export interface SaveTemplate extends TemplateDraft {
  publish: boolean;
  /** The newest version as the editor saw it; null: whatever it is. */
  expectedVersion: number | null;
}

const MOST_TEMPLATES = 1_000;
const KEPT_DRAFTS = 20;
const LONGEST_SEARCH = 200;

export class TemplateService {
  constructor(
    private readonly db: Database,
    private readonly audit: AuditLog,
    private readonly senders: SenderSource,
    private readonly lint: LintTemplate,
  ) {}

  findMany(caller: Caller, codes: readonly string[]): Promise<TemplateRow[]> {
    return findTemplates(this.db.sql, caller.tenantId, codes);
  }

  async find(caller: Caller, code: string): Promise<TemplateRow | null> {
    return (await this.findMany(caller, [code]))[0] ?? null;
  }

  /** Throws AppError BAD_USER_INPUT. */
  async list(caller: Caller, filter: TemplateFilter): Promise<TemplateRow[]> {
    if ((filter.search?.length ?? 0) > LONGEST_SEARCH)
      throw new AppError('BAD_USER_INPUT', `\`search\` has at most ${LONGEST_SEARCH} characters.`);
    return listTemplates(this.db.sql, caller.tenantId, filter);
  }

  versions(caller: Caller, ids: readonly string[], limit: number): Promise<TemplateVersionRow[]> {
    return versionsOf(this.db.sql, caller.tenantId, ids, limit);
  }

  publishedVersions(caller: Caller, ids: readonly string[]): Promise<TemplateVersionRow[]> {
    return publishedVersionsOf(this.db.sql, caller.tenantId, ids);
  }

  version(caller: Caller, template: TemplateRow, version: number): Promise<TemplateVersionRow | null> {
    return findVersion(this.db.sql, caller.tenantId, template.id, version);
  }

  /**
   * Stores a new version, unless the newest one says the same. Throws Refusal: INVALID_INPUT, TEMPLATE_INVALID, CONFLICT, and
   * for a version to be published PHI_DETECTED; then nothing was stored.
   */
  async save(caller: Caller, input: SaveTemplate): Promise<{ template: TemplateRow }> {
    const { name: sender } = await this.senders.settings(caller.tenantId);
    return this.db.transaction((tx) => this.saveIn(tx, caller, sender, input));
  }

  /** Everything that `work` saves is stored together: none of it when it throws, and none in a rehearsal. */
  async saveTogether<R>(
    caller: Caller,
    { rehearse }: { rehearse: boolean },
    work: (save: (input: SaveTemplate) => Promise<{ template: TemplateRow }>) => Promise<R>,
  ): Promise<R> {
    const { name: sender } = await this.senders.settings(caller.tenantId);
    try {
      return await this.db.transaction(async (tx) => {
        const result = await work((input) => this.saveIn(tx, caller, sender, input));
        if (rehearse) throw new RehearsalOver(result);
        return result;
      });
    } catch (error) {
      if (error instanceof RehearsalOver) return error.result as R;
      throw error;
    }
  }

  private async saveIn(tx: Transaction<unknown>, caller: Caller, sender: string, input: SaveTemplate): Promise<{ template: TemplateRow }> {
    const { publish, expectedVersion, ...draft } = input;
    const found = await lockTemplate(tx, caller.tenantId, draft.code);
    if (expectedVersion !== null && expectedVersion !== (found?.lastVersion ?? 0))
      throw new Refusal('CONFLICT', `Somebody has saved version ${found?.lastVersion ?? 0} meanwhile.`, ['expectedVersion']);
    const before = found && (await findVersion(tx, caller.tenantId, found.id, found.lastVersion));
    const content = completeDraft(draft, before);
    const variables = checkContent(draft.code, content);
    const issues = this.lint(lintInput(draft.code, content, [...variables.required, ...variables.optional], sender));
    if (publish) refuseErrors(issues, (issue) => placeOf(issue, content));
    const names = { variables: variables.required, optionalVariables: variables.optional };
    const saved = await this.write(tx, caller, { found, before, code: draft.code, version: { ...content, ...names, issues } });
    // Somebody has just made a template with this code, where there was none to wait for: from now on there is.
    if (!saved) return this.saveIn(tx, caller, sender, input);
    return { template: publish ? await this.publishVersion(tx, caller, saved, saved.lastVersion, content) : saved };
  }

  /** An older version again: a roll-back. Throws Refusal NOT_FOUND, PHI_DETECTED, TEMPLATE_INVALID. */
  async publish(caller: Caller, code: string, version: number): Promise<{ template: TemplateRow }> {
    const { name: sender } = await this.senders.settings(caller.tenantId);
    return this.change(caller, code, async (tx, template) => {
      const found = await findVersion(tx, caller.tenantId, template.id, version);
      if (!found) throw new Refusal('NOT_FOUND', `The template has no version ${version}.`, ['version']);
      // Not what was found when it was saved: the rules may have grown since.
      refuseErrors(this.lint(lintInput(code, found, [...found.variables, ...found.optionalVariables], sender)), () => ['version']);
      return this.publishVersion(tx, caller, template, version, found);
    });
  }

  /** While it is not, sends with it are refused. Throws Refusal NOT_FOUND. */
  setEnabled(caller: Caller, code: string, enabled: boolean): Promise<{ template: TemplateRow }> {
    return this.change(caller, code, async (tx, template) => {
      if (template.enabled === enabled) return template;
      await this.record(tx, caller, enabled ? 'template.enabled' : 'template.disabled', code);
      return this.update(tx, { ...template, enabled });
    });
  }

  /** Out of the lists and out of use, until a version of it is saved or published again. Throws Refusal NOT_FOUND. */
  archive(caller: Caller, code: string): Promise<{ template: TemplateRow }> {
    return this.change(caller, code, async (tx, template) => {
      if (template.state === 'ARCHIVED') return template;
      await this.record(tx, caller, 'template.archived', code);
      return this.update(tx, { ...template, state: 'ARCHIVED', publishedVersion: null });
    });
  }

  private async change(
    caller: Caller,
    code: string,
    work: (tx: Transaction<unknown>, template: TemplateRow) => Promise<TemplateRow>,
  ): Promise<{ template: TemplateRow }> {
    return this.db.transaction(async (tx) => {
      const template = await lockTemplate(tx, caller.tenantId, code);
      if (!template) throw new Refusal('NOT_FOUND', 'There is no such template.', ['code']);
      return { template: await work(tx, template) };
    });
  }

  /** Null where it was to be made, and somebody else has just made it. */
  private async write(tx: Transaction<unknown>, caller: Caller, { found, before, code, version }: Saving): Promise<TemplateRow | null> {
    const content = contentOf(version);
    if (found && before && found.state !== 'ARCHIVED' && isStored(before, version)) return found;
    const template = found ?? (await this.create(tx, caller, code, content));
    if (!template) return null;
    const next = template.lastVersion + 1;
    const row: NewVersion = { ...version, templateId: template.id, tenantId: caller.tenantId, version: next, createdBy: caller.name };
    await insertVersion(tx, row);
    await this.record(tx, caller, 'template.saved', code, { version: next });
    const inForce = template.state === 'PUBLISHED' ? {} : { ...labelsOf(content), state: 'DRAFT' as const };
    const saved = await this.update(tx, { ...template, ...inForce, lastVersion: next });
    await dropOldDrafts(tx, saved, KEPT_DRAFTS);
    return saved;
  }

  private async create(
    tx: Transaction<unknown>,
    { tenantId }: Caller,
    code: string,
    content: TemplateContent,
  ): Promise<TemplateRow | null> {
    if ((await countTemplates(tx, tenantId)) >= MOST_TEMPLATES)
      throw new Refusal('INVALID_INPUT', `At most ${MOST_TEMPLATES} templates, the archived ones too.`, ['code']);
    const row: TemplateRow = {
      ...labelsOf(content),
      id: newId(),
      tenantId,
      code,
      state: 'DRAFT',
      enabled: true,
      publishedVersion: null,
      lastVersion: 0,
    };
    return (await insertTemplate(tx, row)) ? row : null;
  }

  private async publishVersion(
    tx: Transaction<unknown>,
    caller: Caller,
    template: TemplateRow,
    version: number,
    content: TemplateContent,
  ): Promise<TemplateRow> {
    if (template.publishedVersion === version) return template;
    await sealVersion(tx, caller.tenantId, template.id, version);
    await this.record(tx, caller, 'template.published', template.code, { version, before: template.publishedVersion });
    return this.update(tx, { ...template, ...labelsOf(content), state: 'PUBLISHED', publishedVersion: version });
  }

  private async update(tx: Transaction<unknown>, row: TemplateRow): Promise<TemplateRow> {
    await updateTemplate(tx, row);
    return row;
  }

  private record(tx: Transaction<unknown>, caller: Caller, action: string, code: string, detail = {}): Promise<void> {
    return this.audit.record(tx, caller, { action, subject: `template:${code}`, detail });
  }
}

/** Undoes what was rehearsed. */
class RehearsalOver extends Error {
  constructor(readonly result: unknown) {
    super('The rehearsal is over.');
  }
}

interface Saving {
  found: TemplateRow | null;
  before: TemplateVersionRow | null;
  code: string;
  version: Omit<NewVersion, 'templateId' | 'tenantId' | 'version' | 'createdBy'>;
}

const labelsOf = ({ name, category, topic, channels }: TemplateContent): Pick<TemplateRow, 'name' | 'category' | 'topic' | 'channels'> => ({
  name,
  category,
  topic,
  channels,
});
