import { AppError, ErrorCode } from '../../errors.js';
import { DEEPEST_JSON } from '../../platform/json-depth.js';
import { csvLines, type CsvLine } from '../../platform/upload/csv-lines.js';
import type { Line } from '../../platform/upload/line-reader.js';
import type { UploadLine } from '../batch-upload.js';
import { NOBODY } from '../recipient.js';
import { canonicalLanguage } from './language.js';
import type { FurtherColumns } from './further-columns.js';

const KNOWN = ['to', 'contactId', 'externalId', 'reference', 'language'] as const;
/** One of them at least says whom to send to. */
const NAMING = ['to', 'contactId', 'externalId'] as const;
type Known = (typeof KNOWN)[number];

const MOST_COLUMNS = 100;

/**
 * The recipients of a CSV file: a header that names `to`, `contactId` or `externalId` and, if wanted, `reference` and `language`, then a line each.
 * Throws AppError for a header that does not say whom to send to.
 */
export async function* csvRecipients(lines: AsyncIterable<Line[]>, further: FurtherColumns): AsyncGenerator<UploadLine[], void, undefined> {
  let columns: Columns | null = null;
  for await (const records of csvLines(lines)) {
    const rest = columns ? records : records.slice(1);
    columns ??= records[0] ? columnsOf(records[0], further) : null;
    const read = columns ?? NO_COLUMNS;
    yield rest.flatMap((record) => recipientOf(record, read, further) ?? []);
  }
  if (!columns) throw badHeader('The file is empty.');
}

interface Columns {
  places: Partial<Record<Known, number>>;
  /** The others, by their place. */
  further: [name: string, place: number][];
  count: number;
}

const NO_COLUMNS: Columns = { places: {}, further: [], count: 0 };

const badHeader = (message: string): AppError =>
  new AppError(
    ErrorCode.BAD_USER_INPUT,
    `${message} Its first line must name the columns, with commas between, and one of them \`to\`, \`contactId\` or \`externalId\`.`,
    {
      line: 1,
    },
  );

function columnsOf(header: CsvLine, others: FurtherColumns): Columns {
  const names = (header.fields ?? []).map((name) => name.trim());
  if (names.length > MOST_COLUMNS) throw badHeader(`The file has more than ${MOST_COLUMNS} columns.`);
  const places: Columns['places'] = {};
  const further: Columns['further'] = [];
  for (const [place, name] of names.entries()) {
    const known = KNOWN.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (!known) {
      if (!name) continue;
      if (others.areVariables && further.some(([other]) => other === name))
        throw badHeader(`The file has two columns \`${name.slice(0, 100)}\`.`);
      if (name.split('.').length > DEEPEST_JSON)
        throw badHeader(`The column \`${name.slice(0, 100)}\` has more than ${DEEPEST_JSON} levels.`);
      others.add(name);
      further.push([name, place]);
      continue;
    }
    others.check(known);
    if (places[known] === undefined) places[known] = place;
    else throw badHeader(`The file has two columns \`${known}\`.`);
  }
  if (NAMING.every((name) => places[name] === undefined)) throw badHeader('The file has no column `to`, `contactId` or `externalId`.');
  return { places, further, count: names.length };
}

/** Null for a line without any value, as spreadsheets leave them at the end. */
function recipientOf({ line, fields, fault }: CsvLine, columns: Columns, others: FurtherColumns): UploadLine | null {
  const { places, further, count } = columns;
  const value = (column: Known): string | null => fields?.[places[column] ?? -1]?.trim() || null;
  if (fields?.every((field) => !field.trim())) return null;
  const language = value('language');
  const recipient = {
    ...NOBODY,
    to: value('to'),
    contactId: value('contactId'),
    externalId: value('externalId'),
    // An empty cell is a value that is missing.
    variables: others.variables(
      further.flatMap(([name, place]) => (fields?.[place]?.trim() ? [[name, fields[place].trim()] as const] : [])),
    ),
    reference: value('reference'),
    language: language && canonicalLanguage(language),
  };
  if (!fields) return { line, recipient, fault };
  return { line, recipient, fault: fields.length === count ? null : `The line has ${fields.length} values, and the header ${count}.` };
}
