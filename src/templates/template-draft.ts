import { Refusal, type Complain, type UserError } from '../errors.js';
import { canonicalTag } from '../platform/language-tag.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { checkMediaUrls } from './media-urls.js';
import { OWN_VARIABLES } from './own-variables.js';
import { ProviderRefs } from './provider-refs.js';
import type { TemplateContent, TemplateTranslation } from './template-content.js';
import { TemplateFault } from './template-fault.js';
import { TemplateText } from './template-text.js';
import { LONGEST_SOURCE } from './text-engine.js';
import type { TextVariables } from './text-variables.js';

/** What an editor gives; what is left out stays as it was, or is filled in. */
export interface TemplateDraft {
  code: string;
  name?: string | undefined;
  category?: MessageCategory | undefined;
  topic?: string | null | undefined;
  channels?: Channel[] | undefined;
  translations: TemplateTranslation[];
}

const CODE = /^[a-z][a-z0-9_]{0,99}$/;
const TOPIC = /^[\w.:-]{1,100}$/;
const LONGEST_NAME = 200;
const LONGEST_SUBJECT = 200;
const MOST_TRANSLATIONS = 100;
const MOST_REFS = 4_000;
const LARGEST = 300_000;

/** The content of the version that the draft makes. */
export function completeDraft(draft: TemplateDraft, before: TemplateContent | null): TemplateContent {
  return {
    name: (draft.name ?? before?.name ?? readable(draft.code)).trim(),
    category: draft.category ?? before?.category ?? 'UTILITY',
    topic: draft.topic === undefined ? (before?.topic ?? null) : draft.topic,
    channels: draft.channels ?? before?.channels ?? ['SMS'],
    translations: draft.translations.map((one) => ({ ...one, subject: one.subject?.trim() ? one.subject : null })),
  };
}

/** appointment_reminder_24h: Appointment reminder 24h */
const readable = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');

/** Throws Refusal with everything that is wrong; returns the variables of all texts together. */
export function checkContent(code: string, content: TemplateContent): TextVariables {
  const problems: UserError[] = [];
  const complain: Complain = (errorCode, message, ...field) => problems.push({ code: errorCode, message, field });
  checkLabels(code, content, complain);
  checkTranslations(content, complain);
  if (problems.length > 0) throw new Refusal(problems);
  const variables = content.translations.map((translation, index) => variablesIn(translation, index, complain));
  if (problems.length > 0) throw new Refusal(problems);
  const required = new Set(variables.flatMap((one) => one.required).filter((name) => !OWN_VARIABLES.includes(name)));
  const all = variables.flatMap((one) => [...one.required, ...one.optional]);
  const optional = new Set(all.filter((name) => !required.has(name)));
  return { required: [...required].toSorted(), optional: [...optional].toSorted() };
}

function checkLabels(code: string, { name, topic, channels }: TemplateContent, complain: Complain): void {
  if (!CODE.test(code))
    complain('INVALID_INPUT', 'A code has 1 to 100 lower-case letters, digits and underscores, and starts with a letter.', 'code');
  if (!name || name.length > LONGEST_NAME || name.includes('\0'))
    complain('INVALID_INPUT', `1 to ${LONGEST_NAME} characters, without U+0000.`, 'name');
  if (topic !== null && !TOPIC.test(topic))
    complain('INVALID_INPUT', 'Up to 100 letters, digits, dots, colons, hyphens or underscores.', 'topic');
  if (channels.length === 0) complain('INVALID_INPUT', 'Name at least one channel.', 'channels');
  if (new Set(channels).size < channels.length) complain('INVALID_INPUT', 'Name each channel once.', 'channels');
}

function checkTranslations({ channels, translations }: TemplateContent, complain: Complain): void {
  if (translations.length === 0 || translations.length > MOST_TRANSLATIONS)
    return complain('INVALID_INPUT', `1 to ${MOST_TRANSLATIONS} translations.`, 'translations');
  const size = JSON.stringify(translations).length;
  if (size > LARGEST) return complain('INVALID_INPUT', 'All translations together have at most 300,000 characters.', 'translations');
  const seen = new Set<string>();
  translations.forEach((one, index) => {
    const wrong: Complain = (code, message, ...field) => complain(code, message, 'translations', String(index), ...field);
    checkTranslation(one, wrong);
    const key = `${one.language.toLowerCase()} ${one.channel}`;
    if (seen.has(key)) wrong('INVALID_INPUT', 'There is another translation into this language for this channel.', 'language');
    seen.add(key);
    if (one.channel && !channels.includes(one.channel))
      wrong('INVALID_INPUT', `The template is not for ${one.channel}: add it to its channels.`, 'channel');
  });
  for (const channel of new Set(channels))
    if (!translations.some((one) => one.channel === channel || one.channel === null))
      complain('INVALID_INPUT', `There is no text for ${channel}.`, 'translations');
}

function checkTranslation({ language, body, subject, mediaUrls, providerRefs }: TemplateTranslation, wrong: Complain): void {
  if (canonicalTag(language) === null) wrong('INVALID_INPUT', 'A language tag such as en, ar or hi-IN.', 'language');
  if (!body.trim() && mediaUrls.length === 0) wrong('INVALID_INPUT', 'The text is empty.', 'body');
  if (body.length > LONGEST_SOURCE) wrong('INVALID_INPUT', `At most ${LONGEST_SOURCE.toLocaleString('en')} characters.`, 'body');
  if (subject && (subject.length > LONGEST_SUBJECT || /[\r\n]/.test(subject)))
    wrong('INVALID_INPUT', `One line of at most ${LONGEST_SUBJECT} characters.`, 'subject');
  // PostgreSQL cannot store it.
  if (JSON.stringify([body, subject, providerRefs]).includes('\\u0000')) wrong('INVALID_INPUT', 'A text cannot hold U+0000.', 'body');
  checkRefs(providerRefs, wrong);
  checkMediaUrls(mediaUrls, wrong);
}

function checkRefs(refs: Record<string, unknown>, wrong: Complain): void {
  if (JSON.stringify(refs).length > MOST_REFS) return wrong('INVALID_INPUT', `At most ${MOST_REFS} characters.`, 'providerRefs');
  const read = ProviderRefs.safeParse(refs);
  for (const { path, message } of read.error?.issues ?? []) wrong('INVALID_INPUT', `${message}.`, 'providerRefs', ...path.map(String));
}

function variablesIn(translation: TemplateTranslation, index: number, complain: Complain): TextVariables {
  try {
    return TemplateText.of(translation).variables;
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    const place = error.line === null ? '' : `Line ${error.line}: `;
    complain('TEMPLATE_INVALID', `${place}${error.message}`, 'translations', String(index), error.part);
    return { required: [], optional: [] };
  }
}
