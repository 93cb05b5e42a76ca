import { Refusal, type UserError } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { languagesFor, pickTranslation } from './language-fallback.js';
import type { TemplateRefs } from './provider-refs.js';
import type { Reader } from './reader.js';
import type { TemplateContent, TemplateTranslation } from './template-content.js';
import { TemplateFault } from './template-fault.js';
import { TemplateText, type RenderedText, type Variables } from './template-text.js';

/** For whom a template is rendered. */
export interface Audience extends Omit<Reader, 'language'> {
  /** What the recipient reads; null: not known. */
  language: string | null;
  tenantLanguage: string | null;
}

const REMEMBERED = 1_000;

/** A published version as sends use it. Its texts are parsed when they are first needed. */
export class ReadyTemplate {
  private readonly texts = new Map<TemplateTranslation, TemplateText>();
  /** A campaign asks for the same few again and again. */
  private readonly picked = new Map<string, TemplateText>();

  constructor(
    readonly code: string,
    readonly version: number,
    private readonly content: Pick<TemplateContent, 'category' | 'topic' | 'channels' | 'translations'>,
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

  /** The names of the text by WhatsApp at providers; none where it has no such text. */
  whatsAppRefs(audience: Pick<Audience, 'language' | 'tenantLanguage'>): TemplateRefs {
    return this.channels.includes('WHATSAPP') ? this.textFor('WHATSAPP', audience).refs : {};
  }

  /**
   * One text per channel; channels that share a text share what is returned. Throws Refusal: TEMPLATE_VARIABLE_MISSING with every
   * variable that is missing on any of the channels, INVALID_INPUT for a value that a filter cannot read, TEMPLATE_INVALID
   * for a text that takes too much.
   */
  render(channels: readonly Channel[], variables: Variables, audience: Audience): RenderedText[] {
    const texts = channels.map((channel) => this.textFor(channel, audience));
    const missing = new Set(texts.flatMap((text) => text.missing(variables)));
    if (missing.size > 0) throw new Refusal([...missing].map(missingVariable));
    const rendered = new Map<TemplateText, RenderedText>();
    try {
      return texts.map((text) => {
        const known = rendered.get(text) ?? text.render(variables, audience, [audience.language, audience.tenantLanguage]);
        rendered.set(text, known);
        return known;
      });
    } catch (error) {
      throw error instanceof TemplateFault ? refusalOf(error, this.code) : error;
    }
  }

  private textFor(channel: Channel, { language, tenantLanguage }: Pick<Audience, 'language' | 'tenantLanguage'>): TemplateText {
    const key = `${channel} ${language} ${tenantLanguage}`;
    const known = this.picked.get(key);
    if (known) return known;
    const translation = pickTranslation(this.content.translations, channel, languagesFor(language, tenantLanguage));
    if (!translation) throw new Refusal('TEMPLATE_INVALID', `The template ${this.code} has no text for ${channel}.`, ['template']);
    const text = this.texts.get(translation) ?? TemplateText.of(translation);
    this.texts.set(translation, text);
    if (this.picked.size >= REMEMBERED) this.picked.clear();
    this.picked.set(key, text);
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
