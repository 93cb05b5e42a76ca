import type { Caller } from '../accounts/caller.js';
import { Refusal } from '../errors.js';
import { fromYaml, refusal, toYaml, type TemplateFile } from './template-file.js';
import type { TemplateRow } from './template.row.js';
import type { SaveTemplate, TemplateService } from './template.service.js';

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
    const before = new Map(
      (
        await this.templates.findMany(
          caller,
          templates.map(({ draft }) => draft.code),
        )
      ).map((row) => [row.code, row]),
    );
    const inputs = templates.map((file) => ({ file, input: { ...file.draft, publish, expectedVersion: null } }));
    const rehearsed = await this.eachOf(inputs, (input) => this.templates.rehearse(caller, input));
    const saved = rehearse ? rehearsed : await this.eachOf(inputs, (input) => this.templates.save(caller, input));
    return saved.map(({ template }) => told(template, before.get(template.code) ?? null));
  }

  private async eachOf(
    inputs: readonly { file: TemplateFile; input: SaveTemplate }[],
    work: (input: SaveTemplate) => Promise<{ template: TemplateRow }>,
  ): Promise<{ template: TemplateRow }[]> {
    const done: { template: TemplateRow }[] = [];
    const faults: string[] = [];
    for (const { file, input } of inputs)
      try {
        done.push(await work(input));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        faults.push(...error.reasons.map((reason) => file.complain(reason)));
      }
    if (faults.length > 0) throw refusal(faults);
    return done;
  }
}

function checkCodes(templates: readonly TemplateFile[]): void {
  const seen = new Set<string>();
  const twice = templates.filter(({ draft: { code } }) => seen.size === seen.add(code).size);
  if (twice.length > 0)
    throw refusal(twice.map((file) => file.complain({ message: `There is another template ${file.draft.code}.`, field: ['code'] })));
}

const told = ({ code, lastVersion, publishedVersion }: TemplateRow, before: TemplateRow | null): Imported => ({
  code,
  outcome: !before ? 'new' : before.lastVersion === lastVersion && before.state !== 'ARCHIVED' ? 'unchanged' : 'changed',
  version: lastVersion,
  published: publishedVersion === lastVersion,
});
