import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Caller } from '../../accounts/caller.js';
import { EVERYONE, OPERATORS } from '../../accounts/rights.js';
import { loaderOf, type Context } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import { MessageCategory } from '../../vocabulary.js';
import type { TemplatePreviewService } from '../template-preview.service.js';
import type { TemplateService } from '../template.service.js';
import { TemplateState } from '../template.row.js';
import { PreviewTemplateInput, TemplatePreviewType, toPreview } from './preview.types.js';
import { SaveTemplateInput, toSaveTemplate } from './template.inputs.js';
import type { TemplateLoaders } from './template.loaders.js';
import { TemplatePayload, TemplateType, TemplateVersionType } from './template.types.js';

const CODE = { description: 'Of the template' };

/** Reads and lints a text, and renders it for each sample: an operation has room for nine. */
const PREVIEW_COST = 2_000;

@Resolver(() => TemplateType)
export class TemplateResolver {
  constructor(
    private readonly templates: TemplateService,
    private readonly previews: TemplatePreviewService,
    private readonly loaders: TemplateLoaders,
  ) {}

  @Rights(...EVERYONE)
  @Query(() => TemplateType, { nullable: true, description: 'In any state; null when there is none with this code' })
  template(@Ctx() { caller }: Context<Caller>, @Arg('code', () => String, CODE) code: string): Promise<TemplateType | null> {
    return this.templates.find(caller, code);
  }

  @Rights(...EVERYONE)
  @Query(() => [TemplateType], {
    name: 'templates',
    description: 'By code, without the archived ones unless they are asked for; all that is given must match',
  })
  list(
    @Ctx() { caller }: Context<Caller>,
    @Arg('state', () => TemplateState, { nullable: true }) state?: TemplateState | null,
    @Arg('category', () => MessageCategory, { nullable: true }) category?: MessageCategory | null,
    @Arg('search', () => String, { nullable: true, description: 'A part of the code or the name' }) search?: string | null,
  ): Promise<TemplateType[]> {
    return this.templates.list(caller, { state: state ?? null, category: category ?? null, search: search ?? null });
  }

  @Rights(...EVERYONE)
  @Query(() => TemplatePreviewType, {
    complexity: ({ childComplexity }) => PREVIEW_COST + childComplexity,
    description:
      'What a template, or a text that is still being written, becomes; nothing is stored. At most nine in an operation. NOT_FOUND: no such template or version',
  })
  previewTemplate(
    @Ctx() { caller }: Context<Caller>,
    @Arg('input', () => PreviewTemplateInput) input: PreviewTemplateInput,
  ): Promise<TemplatePreviewType> {
    return this.previews.preview(caller, toPreview(input));
  }

  @Rights(...OPERATORS)
  @Mutation(() => TemplatePayload, {
    description:
      'Stores a new version, unless the newest one says the same. With `publish`, what the linter finds of severity ERROR refuses it: PHI_DETECTED, TEMPLATE_INVALID. TEMPLATE_INVALID also for what is no Liquid; CONFLICT: see expectedVersion',
  })
  saveTemplate(
    @Ctx() { caller }: Context<Caller>,
    @Arg('input', () => SaveTemplateInput) input: SaveTemplateInput,
  ): Promise<TemplatePayload> {
    return orUserErrors(this.templates.save(caller, toSaveTemplate(input)));
  }

  @Rights(...OPERATORS)
  @Mutation(() => TemplatePayload, {
    description:
      'Sends use this version from now on: the newest, or an older one again. PHI_DETECTED and TEMPLATE_INVALID: what the linter finds of severity ERROR',
  })
  publishTemplate(
    @Ctx() { caller }: Context<Caller>,
    @Arg('code', () => String, CODE) code: string,
    @Arg('version', () => Int) version: number,
  ): Promise<TemplatePayload> {
    return orUserErrors(this.templates.publish(caller, code, version));
  }

  @Rights(...OPERATORS)
  @Mutation(() => TemplatePayload, {
    description: 'While it is not enabled, sends with it are refused; what was accepted before still goes out',
  })
  setTemplateEnabled(
    @Ctx() { caller }: Context<Caller>,
    @Arg('code', () => String, CODE) code: string,
    @Arg('enabled', () => Boolean) enabled: boolean,
  ): Promise<TemplatePayload> {
    return orUserErrors(this.templates.setEnabled(caller, code, enabled));
  }

  @Rights(...OPERATORS)
  @Mutation(() => TemplatePayload, { description: 'Out of the lists and out of use; saving or publishing a version brings it back' })
  archiveTemplate(@Ctx() { caller }: Context<Caller>, @Arg('code', () => String, CODE) code: string): Promise<TemplatePayload> {
    return orUserErrors(this.templates.archive(caller, code));
  }

  @FieldResolver(() => TemplateVersionType, { nullable: true, description: 'The version that sends use now' })
  published(@Root() { id }: TemplateType, @Ctx() context: Context<Caller>): Promise<TemplateVersionType | null> {
    return loaderOf(context, this.loaders.published).load(id);
  }

  @FieldResolver(() => [TemplateVersionType], {
    description: 'The newest 50, newest first; drafts that were never published are kept while they are among the newest 20 versions',
  })
  versions(@Root() { id }: TemplateType, @Ctx() context: Context<Caller>): Promise<TemplateVersionType[]> {
    return loaderOf(context, this.loaders.versions).load(id);
  }
}
