import DataLoader from 'dataloader';
import type { Caller } from '../../accounts/caller.js';
import type { Context } from '../../graphql/context.js';
import type { TemplateService } from '../template.service.js';
import type { TemplateVersionRow } from '../template.row.js';

const MOST_VERSIONS = 50;

type Make<L> = (context: Context<Caller>) => L;

/** One statement for all templates of an answer. */
export class TemplateLoaders {
  readonly published: Make<DataLoader<string, TemplateVersionRow | null>>;
  /** All that are kept, newest first. */
  readonly versions: Make<DataLoader<string, TemplateVersionRow[]>>;

  constructor(templates: TemplateService) {
    this.published = ({ caller }) =>
      new DataLoader(async (ids) => {
        const found = new Map((await templates.publishedVersions(caller, ids)).map((row) => [row.templateId, row]));
        return ids.map((id) => found.get(id) ?? null);
      });
    this.versions = ({ caller }) =>
      new DataLoader(async (ids) => {
        const found = Map.groupBy(await templates.versions(caller, ids, MOST_VERSIONS), ({ templateId }) => templateId);
        return ids.map((id) => found.get(id) ?? []);
      });
  }
}
