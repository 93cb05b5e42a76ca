import type { LibraryTemplate } from '../../src/templates/library/library-template.js';
import { countSegments } from '../../src/templates/segments.js';
import { TemplateText } from '../../src/templates/template-text.js';

const LANGUAGES = ['en', 'ar', 'hi', 'es', 'fr'];

const INTRODUCTION = `# The template library

Every tenant has these templates from the start. They carry no health information, name their sender (\`{{ sender }}\`), and can be
changed: what you publish is yours, and later editions of the library leave it alone. The linter that they pass is described in
[phi-linter](phi-linter.md).

The figures are SMS segments of each template with its sample values, for a sender's name of about eleven letters. English, Spanish
and French are worded so that they need no character outside GSM-7; what is filled in may: a name, an amount in ₹, a date in août. Arabic and Hindi need UCS-2, where a segment holds 70 characters.

The subject of an email is the sender's name and no more. Answers to reminders are YES and NO in the reader's language, not CANCEL, which
some networks take for an opt-out.
`;

/** docs/templates-library.md, made from the library. */
export function libraryPage(library: readonly LibraryTemplate[]): string {
  const head = ['code', 'what for', 'category', 'topic', 'variables', ...LANGUAGES];
  const rows = library.map((template) => {
    const { required } = TemplateText.of(template.translations[0]!).variables;
    const variables = required.filter((name) => name !== 'sender').map((name) => `\`${name}\``);
    return [
      `\`${template.code}\``,
      template.name,
      template.category,
      template.topic,
      variables.join(', '),
      ...LANGUAGES.map((language) => segmentsIn(language, template)),
    ];
  });
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const english = library.map(({ code, translations }) => `- \`${code}\`: ${translations[0]!.body}`).join('\n');
  return `${INTRODUCTION}\n${library.length} templates:\n\n${table}\n\n## In English\n\n${english}\n`;
}

function segmentsIn(language: string, { translations, sample }: LibraryTemplate): number | string {
  const translation = translations.find((candidate) => candidate.language === language);
  return translation
    ? countSegments(TemplateText.of(translation).render(sample, { timeZone: 'Asia/Riyadh', currency: 'SAR' }).body).segments
    : '';
}
