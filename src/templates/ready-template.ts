import { Refusal, type UserError } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { languagesFor, pickTranslation } from './language-fallback.js';
import type { Reader } from './reader.js';
import type { TemplateContent, TemplateTranslation } from './template-content.js';
import { TemplateFault } from './template-fault.js';
import { TemplateText, type RenderedText, type Variables } from './template-text.js';

/** For whom a template is rendered. */
export interface Audience extends Omit<Reader, 'language'> {
  /** What the recipient reads; null: not known. */
  language: string | null;
}

/** A published version as sends use it. Its texts are parsed when they are first needed. */
export class ReadyTemplate {
  private readonly texts = new Map<TemplateTranslation, TemplateText>();

  constructor(
    readonly code: string,
    readonly version: number,
    private readonly content: TemplateContent,
  ) {}

  get category(): MessageCategory {
    return this.content.category;
  }

  get topic(): string | null {
    return this.content.topic;
  }

  get channels(): readonly Channel[] {
    return this.content.channels;
  }

  /**
   * One text per channel, in the same order. Throws Refusal: TEMPLATE_VARIABLE_MISSING with every variable that is missing on
   * any of the channels, INVALID_INPUT for a value that a filter cannot read, TEMPLATE_INVALID for a text that takes too much.
   */
  render(channels: readonly Channel[], variables: Variables, audience: Audience): RenderedText[] {
    const languages = languagesFor(audience.language, null);
    const texts = channels.map((channel) => this.textFor(channel, languages));
    const missing = new Set(texts.flatMap((text) => text.missing(variables)));
    if (missing.size > 0) throw new Refusal([...missing].map(missingVariable));
    try {
      return texts.map((text) => text.render(variables, audience, audience.language));
    } catch (error) {
      throw error instanceof TemplateFault ? refusalOf(error, this.code) : error;
    }
  }

  private textFor(channel: Channel, languages: readonly string[]): TemplateText {
    const translation = pickTranslation(this.content.translations, channel, languages);
    if (!translation) throw new Refusal('TEMPLATE_INVALID', `The template ${this.code} has no text for ${channel}.`, ['template']);
    let text = this.texts.get(translation);
    if (!text) this.texts.set(translation, (text = TemplateText.of(translation)));
    return text;
  }
}

const missingVariable = (name: string): UserError => ({
  code: 'TEMPLATE_VARIABLE_MISSING',
  message: `The template needs the variable ${name}.`,
  field: ['variables', ...name.split('.')],
});

function refusalOf({ kind, message, variable }: TemplateFault, code: string): Refusal {
  if (kind === 'missing' && variable) return new Refusal([missingVariable(variable)]);
  if (kind === 'value') return new Refusal('INVALID_INPUT', message, ['variables', ...(variable?.split('.') ?? [])]);
  return new Refusal('TEMPLATE_INVALID', `The template ${code} cannot be rendered with these variables: ${message}`, ['template']);
}
