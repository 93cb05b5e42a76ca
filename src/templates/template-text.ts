import { z } from 'zod';
import { fillRefs, parametersOf, ProviderRefs, type FilledRefs } from './provider-refs.js';
import type { Reader } from './reader.js';
import type { TemplateTranslation } from './template-content.js';
import { TemplateFault, type TemplatePart } from './template-fault.js';
import { parseText, renderText, type ParsedText } from './text-engine.js';
import { variablesOf, type TextVariables } from './text-variables.js';

export type Variables = Readonly<Record<string, unknown>>;

export interface RenderedText {
  language: string;
  subject: string | null;
  body: string;
  mediaUrls: string[];
  providerRefs: FilledRefs | null;
}

/** A translation, ready to be rendered any number of times. */
export class TemplateText {
  readonly variables: TextVariables;

  private constructor(
    private readonly translation: TemplateTranslation,
    private readonly body: ParsedText,
    private readonly subject: ParsedText,
    readonly refs: ProviderRefs,
    private readonly parameters: ReadonlyMap<string, ParsedText>,
  ) {
    this.variables = together([body, subject, ...parameters.values()].map(variablesOf));
  }

  /** Throws TemplateFault. */
  static of(translation: TemplateTranslation): TemplateText {
    const refs = readRefs(translation.providerRefs);
    const parameters = new Map(parametersOf(refs).map((parameter) => [parameter, parse(`{{ ${parameter} }}`, 'providerRefs')]));
    const subject = parse(translation.subject?.trim() ?? '', 'subject');
    return new TemplateText(translation, parse(translation.body, 'body'), subject, refs, parameters);
  }

  get language(): string {
    return this.translation.language;
  }

  /** Those of its variables that are not given, or are null. */
  missing(variables: Variables): string[] {
    return this.variables.required.filter((path) => !isGiven(variables, path));
  }

  /** `wanted` are the recipient's language and the tenant's, best first: ar-SA for a text in ar. Throws TemplateFault. */
  render(variables: Variables, reader: Omit<Reader, 'language'>, wanted: readonly (string | null)[] = []): RenderedText {
    const { language, mediaUrls } = this.translation;
    const fill = (text: ParsedText): string => renderText(text, variables, { ...reader, language: inDetail(language, wanted) });
    return {
      language,
      subject: this.subject.length > 0 ? oneLine(fill(this.subject)) : null,
      body: fill(this.body).trim(),
      mediaUrls,
      providerRefs: fillRefs(this.refs, (parameter) => oneLine(fill(this.parameters.get(parameter) ?? []))),
    };
  }
}

function parse(source: string, part: TemplatePart): ParsedText {
  try {
    return parseText(source);
  } catch (error) {
    throw error instanceof TemplateFault ? error.in(part) : error;
  }
}

function readRefs(given: Record<string, unknown>): ProviderRefs {
  const read = ProviderRefs.safeParse(given);
  if (read.success) return read.data;
  const [problem] = read.error.issues;
  throw new TemplateFault(
    `providerRefs.${problem?.path.join('.')}: ${problem?.message ?? z.prettifyError(read.error)}`,
    null,
    'syntax',
    null,
    'providerRefs',
  );
}

function together(parts: readonly TextVariables[]): TextVariables {
  const required = new Set(parts.flatMap((part) => part.required));
  const optional = new Set(parts.flatMap((part) => part.optional).filter((name) => !required.has(name)));
  return { required: [...required], optional: [...optional] };
}

function isGiven(variables: Variables, path: string): boolean {
  let value: unknown = variables;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return value !== null && value !== undefined;
}

/** Mail knows headers by their lines, and WhatsApp refuses parameters with more than one. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const languageOf = (tag: string): string => tag.split('-', 1)[0]?.toLowerCase() ?? '';

/** A bare `en` tells no region, and would be American. */
const inDetail = (language: string, wanted: readonly (string | null)[]): string =>
  [...wanted, language].find((tag) => tag?.includes('-') && sameLanguage(tag, language)) ?? language;

const sameLanguage = (one: string, other: string): boolean => languageOf(one) === languageOf(other);
