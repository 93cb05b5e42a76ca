import { isNode, isScalar, LineCounter, parseAllDocuments, stringify, visit, type Document } from 'yaml';
import { z } from 'zod';
import { Refusal, type UserError } from '../errors.js';
import { Channel, MessageCategory } from '../vocabulary.js';
import type { TemplateContent, TemplateTranslation } from './template-content.js';
import type { TemplateDraft } from './template-draft.js';

const Translation = z.strictObject({
  language: z.string(),
  channel: z.enum(Channel).optional(),
  subject: z.string().optional(),
  body: z.string(),
  mediaUrls: z.array(z.string()).optional(),
  providerRefs: z.record(z.string(), z.unknown()).optional(),
});

const File = z.strictObject({
  code: z.string(),
  name: z.string(),
  category: z.enum(MessageCategory),
  topic: z.string().optional(),
  channels: z.array(z.enum(Channel)),
  translations: z.array(Translation),
});

export interface TemplateFile {
  draft: TemplateDraft;
  /** "reminder.yaml:12: …", for a complaint about a part of the draft. */
  complain(problem: Pick<UserError, 'message' | 'field'>): string;
}

const LARGEST = 5_000_000;

/** What is empty is left out, so that a file shows what there is. */
export function toYaml(code: string, { name, category, topic, channels, translations }: TemplateContent): string {
  const file: z.infer<typeof File> = {
    code,
    name,
    category,
    ...(topic === null ? {} : { topic }),
    channels,
    translations: translations.map(translationIn),
  };
  return stringify(file, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}

const translationIn = (one: TemplateTranslation): z.infer<typeof Translation> => ({
  language: one.language,
  ...(one.channel === null ? {} : { channel: one.channel }),
  ...(one.subject === null ? {} : { subject: one.subject }),
  body: one.body,
  ...(one.mediaUrls.length === 0 ? {} : { mediaUrls: one.mediaUrls }),
  ...(Object.keys(one.providerRefs).length === 0 ? {} : { providerRefs: one.providerRefs }),
});

/** The templates of a file, which may hold several with `---` between them. Throws Refusal that names file, line and what is wrong. */
export function fromYaml(file: string, text: string): TemplateFile[] {
  if (text.length > LARGEST) throw refusal([`${file}: larger than 5 MB.`]);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...documents].flatMap(({ errors }) =>
    errors.map(({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${message}`),
  );
  if (faults.length > 0) throw refusal(faults);
  if (documents.length === 0) throw refusal([`${file}: there is no template in it.`]);
  return [...documents].map((document) => fileOf(file, document, lines));
}

function fileOf(file: string, document: Document, lines: LineCounter): TemplateFile {
  const complain = ({ message, field }: Pick<UserError, 'message' | 'field'>): string => {
    const { line, said } = placeOf(document, lines, field, message);
    return `${file}:${line}: ${field.length > 0 ? `${field.join('.')}: ` : ''}${said}`;
  };
  refuseAliases(file, document, lines);
  const read = File.safeParse(document.toJS());
  if (!read.success) throw refusal(read.error.issues.map(({ message, path }) => complain({ message, field: path.map(String) })));
  const { translations, topic = null, ...rest } = read.data;
  return { complain, draft: { ...rest, topic, translations: translations.map(translationOf) } };
}

const translationOf = (one: z.infer<typeof Translation>): TemplateTranslation => ({
  language: one.language,
  channel: one.channel ?? null,
  subject: one.subject ?? null,
  body: one.body,
  mediaUrls: one.mediaUrls ?? [],
  providerRefs: one.providerRefs ?? {},
});

/** A few lines of them could stand for millions. */
function refuseAliases(file: string, document: Document, lines: LineCounter): void {
  visit(document, {
    Alias(_key, { range, source }) {
      throw refusal([`${file}:${lines.linePos(range?.[0] ?? 0).line}: aliases (*${source}) cannot be used.`]);
    },
  });
}

/** A line that is counted within a text is counted on in the file where the text stands as a block. */
function placeOf(document: Document, lines: LineCounter, path: readonly string[], message: string): { line: number; said: string } {
  const node = nodeAt(document, path);
  const start = lines.linePos((isNode(node) && node.range?.[0]) || 0).line;
  const [prefix = '', within] = /^Line (\d+): /.exec(message) ?? [];
  if (!within || !isScalar(node) || !node.type?.startsWith('BLOCK')) return { line: start, said: message };
  return { line: start + Number(within), said: message.slice(prefix.length) };
}

/** Or the nearest thing around it that there is. */
function nodeAt(document: Document, path: readonly string[]): unknown {
  for (let length = path.length; length > 0; length--) {
    const found: unknown = document.getIn(
      path.slice(0, length).map((name) => (/^\d+$/.test(name) ? Number(name) : name)),
      true,
    );
    if (isNode(found)) return found;
  }
  return document.contents;
}

export const refusal = (lines: readonly string[]): Refusal => new Refusal('INVALID_INPUT', lines.join('\n'));
