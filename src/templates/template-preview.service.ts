import { setImmediate } from 'node:timers/promises';
import type { Caller } from '../accounts/caller.js';
import { AppError, Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { checkVariables } from './check-variables.js';
import { languagesFor, pickTranslation } from './language-fallback.js';
import type { TemplateContent, TemplateTranslation } from './template-content.js';
import { TemplateFault } from './template-fault.js';
import type { TemplateIssue } from './template-issue.js';
import { withOwn } from './own-variables.js';
import { lintInput, type LintTemplate } from './template-linter.js';
import type { SenderSource } from './template.ports.js';
import { findTemplates, findVersion } from './template.queries.js';
import { TemplateText, type RenderedText, type Variables } from './template-text.js';
import { analyzeText, type TextAnalysis } from './text-analysis.js';
import { Placeholder } from './text-filters.js';
import { LONGEST_SOURCE } from './text-engine.js';

export interface PreviewTemplate {
  code: string | null;
  version: number | null;
  body: string | null;
  subject: string | null;
  category: MessageCategory | null;
  language: string | null;
  channel: Channel;
  variables: Variables;
  samples: Variables[];
}

export interface TemplatePreview {
  body: string;
  subject: string | null;
  language: string;
  text: TextAnalysis;
  missingVariables: string[];
  issues: TemplateIssue[];
  languages: { language: string; text: TextAnalysis }[];
  /** Null without samples. */
  worstCase: { sample: number; body: string; text: TextAnalysis } | null;
}

const MOST_SAMPLES = 50;
const UNNAMED = 'unnamed';

/** Shows what a text would become, saved or still being written. */
export class TemplatePreviewService {
  constructor(
    private readonly db: Database,
    private readonly senders: SenderSource,
    private readonly lint: LintTemplate,
  ) {}

  /** Throws AppError NOT_FOUND, BAD_USER_INPUT. A text that cannot be rendered is not thrown, but among the issues. */
  async preview(caller: Caller, input: PreviewTemplate): Promise<TemplatePreview> {
    checkSize(input);
    const sender = await this.senders.settings(caller.tenantId);
    const content = await this.contentFor(caller, input, input.language ?? sender.defaultLanguage ?? 'en');
    const shown = pickTranslation(content.translations, input.channel, languagesFor(input.language, sender.defaultLanguage));
    if (!shown) throw new AppError('BAD_USER_INPUT', `The template has no text for ${input.channel}.`);
    const show = (translation: TemplateTranslation, variables: Variables): Shown =>
      showing(translation, withOwn(variables, sender.name), sender, [input.language, sender.defaultLanguage]);
    await turn();
    const { text, missing, fault } = show(shown, input.variables);
    await turn();
    const issues = fault
      ? [issueOf(fault, shown.language)]
      : this.lint(lintInput(input.code ?? UNNAMED, ...this.lintable(content, shown, sender.name)));
    return {
      body: text.body,
      subject: text.subject,
      language: shown.language,
      text: analyzeText(text.body),
      missingVariables: missing,
      issues,
      languages: await each(
        languagesIn(content, input.channel),
        (one) => show(one, input.variables),
        ({ language }, { body }) => ({
          language,
          text: analyzeText(body),
        }),
      ),
      worstCase: worstOf(
        await each(
          input.samples,
          (sample) => show(shown, { ...input.variables, ...sample }),
          (_sample, { body }) => body,
        ),
      ),
    };
  }

  private async contentFor(caller: Caller, input: PreviewTemplate, language: string): Promise<TemplateContent> {
    const saved = input.code === null ? null : await this.saved(caller, input.code, input.version, input.body !== null);
    if (input.body === null) {
      if (!saved) throw new AppError('BAD_USER_INPUT', 'Name a template, or give a body.');
      return saved;
    }
    const translation = { language, channel: null, subject: input.subject, body: input.body, mediaUrls: [], providerRefs: {} };
    const category = input.category ?? saved?.category ?? 'UTILITY';
    return { name: saved?.name ?? UNNAMED, category, topic: null, channels: [input.channel], translations: [translation] };
  }

  private async saved(caller: Caller, code: string, version: number | null, mayBeNew: boolean): Promise<TemplateContent | null> {
    const [template] = await findTemplates(this.db.sql, caller.tenantId, [code]);
    const wanted = template && (version ?? template.publishedVersion ?? template.lastVersion);
    const found = template && wanted !== undefined ? await findVersion(this.db.sql, caller.tenantId, template.id, wanted) : null;
    if (found || mayBeNew) return found;
    throw new AppError('NOT_FOUND', version === null ? 'There is no such template.' : 'There is no such version of the template.');
  }

  /** The shown text alone, for the channels that no other of its language is for: the others have their own previews. */
  private lintable(content: TemplateContent, shown: TemplateTranslation, senderName: string): [TemplateContent, string[], string] {
    const { required, optional } = TemplateText.of(shown).variables;
    const channels = content.channels.filter((channel) => pickTranslation(content.translations, channel, [shown.language]) === shown);
    return [{ ...content, channels, translations: [shown] }, [...required, ...optional], senderName];
  }
}

let lastTurn: Promise<unknown> = Promise.resolve();
/** Whatever else there is to do comes first. One preview a turn: those that waited for the same one would stop the process together. */
const turn = (): Promise<unknown> => (lastTurn = lastTurn.then(() => setImmediate()));

interface Shown {
  text: Pick<RenderedText, 'body' | 'subject'>;
  missing: string[];
  fault: TemplateFault | null;
}

/** A text that takes too long is the last. */
async function each<T, R>(items: readonly T[], work: (item: T) => Shown, result: (item: T, text: Shown['text']) => R): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) {
    await turn();
    const { text, fault } = work(item);
    if (fault?.kind === 'limit') break;
    results.push(result(item, text));
  }
  return results;
}

/** With `[name]` in the place of what is missing. */
function showing(
  translation: TemplateTranslation,
  variables: Variables,
  sender: { timeZone: string; currency: string },
  wanted: readonly (string | null)[],
): Shown {
  let missing: string[] = [];
  try {
    const text = TemplateText.of(translation);
    missing = text.missing(variables);
    return { text: text.render(withPlaceholders(variables, missing), sender, wanted), missing, fault: null };
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    if (error.kind === 'missing' && error.variable) missing.push(error.variable);
    return { text: { body: '', subject: null }, missing, fault: error };
  }
}

function withPlaceholders(variables: Variables, missing: readonly string[]): Variables {
  const filled: Record<string, unknown> = structuredClone(variables);
  for (const path of missing) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let place = filled;
    for (const name of names) {
      const inner = Object.hasOwn(place, name) ? place[name] : null;
      place = (place[name] = typeof inner === 'object' && inner !== null ? inner : {}) as Record<string, unknown>;
    }
    place[last] = new Placeholder(path);
  }
  return filled;
}

const issueOf = ({ message, line }: TemplateFault, language: string): TemplateIssue => ({
  severity: 'ERROR',
  code: 'TEMPLATE_INVALID',
  message,
  language,
  line,
});

/** One text a language: the channel's own before the one for all. */
function languagesIn({ translations }: TemplateContent, channel: Channel): TemplateTranslation[] {
  const languages = [...new Set(translations.map(({ language }) => language))];
  return languages.flatMap((language) => {
    const found = pickTranslation(translations, channel, [language]);
    return found?.language === language ? [found] : [];
  });
}

function worstOf(bodies: readonly string[]): TemplatePreview['worstCase'] {
  let worst: TemplatePreview['worstCase'] = null;
  bodies.forEach((body, sample) => {
    const text = analyzeText(body);
    const isWorse =
      !worst || text.segments > worst.text.segments || (text.segments === worst.text.segments && body.length > worst.body.length);
    if (isWorse) worst = { sample, body, text };
  });
  return worst;
}

function checkSize({ body, subject, variables, samples }: PreviewTemplate): void {
  const refuse = (message: string): never => {
    throw new AppError('BAD_USER_INPUT', message);
  };
  if ((body?.length ?? 0) > LONGEST_SOURCE) refuse(`A body has at most ${LONGEST_SOURCE.toLocaleString('en')} characters.`);
  if ((subject?.length ?? 0) > 200) refuse('A subject has at most 200 characters.');
  if (samples.length > MOST_SAMPLES) refuse(`At most ${MOST_SAMPLES} samples.`);
  try {
    for (const one of [variables, ...samples]) checkVariables(one);
  } catch (error) {
    throw error instanceof Refusal ? new AppError('BAD_USER_INPUT', error.message) : error;
  }
}
