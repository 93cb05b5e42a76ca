import type { Caller } from '../accounts/caller.js';
import { Refusal } from '../errors.js';
import { completeDraft, type TemplateDraft } from './template-draft.js';
import { fromYaml, refusal, toYaml, type TemplateFile } from './template-file.js';
import { isStored } from './template.queries.js';
import type { TemplateRow, TemplateVersionRow } from './template.row.js';
import type { TemplateService } from './template.service.js';

export interface Imported {
  code: string;
  outcome: 'new' | 'changed' | 'unchanged';
  /** The newest version afterwards. */
  version: number;
  published: boolean;
}

const LATEST = 1;

/** Templates as files: to keep them in git, and to carry them from one tenant to another. */
export class TemplateTransfer {
  constructor(private readonly templates: TemplateService) {}

  /** What sends use, or the newest draft of what cannot be sent yet; not the archived ones. */
  async export(caller: Caller): Promise<{ code: string; yaml: string }[]> {
    const rows = await this.templates.list(caller, { state: null, category: null, search: null });
    const ids = rows.map(({ id }) => id);
    const published = await this.templates.publishedVersions(caller, ids);
    const newest = await this.templates.versions(caller, ids, LATEST);
    const contents = new Map([...newest, ...published].map((version) => [version.templateId, version]));
    return rows.flatMap(({ id, code }) => {
      const content = contents.get(id);
      return content ? [{ code, yaml: toYaml(code, content) }] : [];
    });
  }

  /**
   * All or, when anything is wrong, none: then throws Refusal with a line for each fault, which names file and line. `rehearse`
   * tells what would happen.
   */
  async import(
    caller: Caller,
    files: readonly { name: string; text: string }[],
    { publish, rehearse }: { publish: boolean; rehearse: boolean },
  ): Promise<Imported[]> {
    const templates = files.flatMap(({ name, text }) => fromYaml(name, text));
    checkCodes(templates);
    const codes = templates.map(({ draft }) => draft.code);
    const before = new Map((await this.templates.findMany(caller, codes)).map((row) => [row.code, row]));
    const ids = [...before.values()].map(({ id }) => id);
    const inForce = new Map((await this.templates.publishedVersions(caller, ids)).map((version) => [version.templateId, version]));
    return this.templates.saveTogether(caller, { rehearse }, (save) =>
      eachOf(templates, async ({ draft }) => {
        const found = before.get(draft.code) ?? null;
        // Saving it would put a copy on top of a newer draft, which somebody is at work on.
        if (found && saysTheSame(draft, inForce.get(found.id) ?? null)) return inForceAlready(found);
        const { template } = await save({ ...draft, publish, expectedVersion: null });
        return told(template, found);
      }),
    );
  }
}

async function eachOf(files: readonly TemplateFile[], work: (file: TemplateFile) => Promise<Imported>): Promise<Imported[]> {
  const done = new Map<TemplateFile, Imported>();
  const faults = new Map<TemplateFile, string[]>();
  // By code, not as they stand in the files: two imports at once would wait for each other without end.
  for (const file of files.toSorted((one, other) => (one.draft.code < other.draft.code ? -1 : 1)))
    try {
      done.set(file, await work(file));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      faults.set(
        file,
        error.reasons.map((reason) => file.complain(reason)),
      );
    }
  if (faults.size > 0) throw refusal(files.flatMap((file) => faults.get(file) ?? []));
  return files.flatMap((file) => done.get(file) ?? []);
}

function checkCodes(templates: readonly TemplateFile[]): void {
  const seen = new Set<string>();
  const twice = templates.filter(({ draft: { code } }) => seen.size === seen.add(code).size);
  if (twice.length > 0)
    throw refusal(twice.map((file) => file.complain({ message: `There is another template ${file.draft.code}.`, field: ['code'] })));
}

const saysTheSame = (draft: TemplateDraft, version: TemplateVersionRow | null): boolean =>
  version !== null && isStored(version, completeDraft(draft, version));

const inForceAlready = ({ code, lastVersion }: TemplateRow): Imported => ({
  code,
  outcome: 'unchanged',
  version: lastVersion,
  published: true,
});

const told = ({ code, lastVersion, publishedVersion }: TemplateRow, before: TemplateRow | null): Imported => ({
  code,
  outcome: !before ? 'new' : before.lastVersion === lastVersion && before.state !== 'ARCHIVED' ? 'unchanged' : 'changed',
  version: lastVersion,
  published: publishedVersion === lastVersion,
});
