import type { UploadLine } from '../batch-upload.js';
import { NOBODY } from '../recipient.js';
import { DEEPEST_JSON, isTooDeep } from '../../platform/json-depth.js';
import { canonicalLanguage } from './language.js';
import type { Line } from '../../platform/upload/line-reader.js';
import type { FurtherColumns } from './further-columns.js';

const KNOWN: readonly string[] = ['to', 'contactId', 'externalId', 'reference', 'language'];

/** The recipients of a file with a JSON object a line: `to`, `contactId` or `externalId` and, if wanted, `reference` and `language`. Empty lines are left out. */
export async function* ndjsonRecipients(
  lines: AsyncIterable<Line[]>,
  further: FurtherColumns,
): AsyncGenerator<UploadLine[], void, undefined> {
  for await (const some of lines)
    yield some.flatMap(({ number, text }): UploadLine[] => {
      if (text === null) return [{ line: number, recipient: NOBODY, fault: 'The line is longer than 16,384 characters.' }];
      return text.trim() === '' ? [] : [recipientOf(number, text, further)];
    });
}

function recipientOf(line: number, text: string, further: FurtherColumns): UploadLine {
  const object = objectIn(text);
  if (!object) return { line, recipient: NOBODY, fault: 'The line is not a JSON object.' };
  const others = furtherIn(object);
  for (const [name] of others) further.add(name);
  for (const name of KNOWN) if (Object.hasOwn(object, name)) further.check(name);
  const wrong = KNOWN.find((name) => !isText(object[name]));
  const value = (name: string): string | null => (typeof object[name] === 'string' ? object[name].trim() || null : null);
  const language = value('language');
  const variables = further.variables(others);
  const isDeep = isTooDeep(variables);
  const recipient = {
    ...NOBODY,
    to: value('to'),
    contactId: value('contactId'),
    externalId: value('externalId'),
    variables: isDeep ? null : variables,
    reference: value('reference'),
    language: language && canonicalLanguage(language),
  };
  if (isDeep) return { line, recipient, fault: `A variable has more than ${DEEPEST_JSON} levels.` };
  return { line, recipient, fault: wrong === undefined ? null : `\`${wrong}\` must be a text in quotes, or null.` };
}

const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';

/** What stands in `variables` counts like what stands beside it. */
function furtherIn({ variables, ...object }: Record<string, unknown>): [name: string, value: unknown][] {
  const beside = Object.entries(object).filter(([name]) => !KNOWN.includes(name));
  return variables && typeof variables === 'object' ? [...beside, ...Object.entries(variables)] : beside;
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
