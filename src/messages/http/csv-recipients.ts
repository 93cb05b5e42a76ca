import { parse } from 'csv-parse/sync';
import { AppError, ErrorCode } from '../../errors.js';
import type { UploadLine } from '../batch-upload.js';
import { NOBODY } from '../recipient.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import { canonicalLanguage } from './language.js';
import type { Line } from './line-reader.js';
import type { FurtherColumns } from './further-columns.js';

const KNOWN = ['to', 'contactId', 'externalId', 'reference', 'language'] as const;
/** One of them at least says whom to send to. */
const NAMING = ['to', 'contactId', 'externalId'] as const;
type Known = (typeof KNOWN)[number];

const MOST_COLUMNS = 100;
const FIELDS = { relax_column_count: true, record_delimiter: '\n' };

/**
 * The recipients of a CSV file: a header that names `to`, `contactId` or `externalId` and, if wanted, `reference` and `language`, then a line each.
 * Throws AppError for a header that does not say whom to send to.
 */
export async function* csvRecipients(lines: AsyncIterable<Line[]>, further: FurtherColumns): AsyncGenerator<UploadLine[], void, undefined> {
  let columns: Columns | null = null;
  for await (const records of recordsOf(lines)) {
    const rest = columns ? records : records.slice(1);
    columns ??= records[0] ? columnsOf(records[0], further) : null;
    const read = columns ?? NO_COLUMNS;
    const fields = fieldsOf(rest);
    yield rest.flatMap((record, index) => recipientOf(record, fields[index] ?? null, read, further) ?? []);
  }
  if (!columns) throw badHeader('The file is empty.');
}

async function* recordsOf(lines: AsyncIterable<Line[]>): AsyncGenerator<CsvRecord[], void, undefined> {
  const records = new CsvRecords(isWellFormed);
  for await (const some of lines) {
    const complete = records.add(some);
    if (complete.length > 0) yield complete;
  }
  const last = records.end();
  if (last.length > 0) yield last;
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

function columnsOf(header: CsvRecord, others: FurtherColumns): Columns {
  const names = (fieldsOf([header])[0] ?? []).map((name) => name.trim());
  if (names.length > MOST_COLUMNS) throw badHeader(`The file has more than ${MOST_COLUMNS} columns.`);
  const places: Columns['places'] = {};
  const further: Columns['further'] = [];
  for (const [place, name] of names.entries()) {
    const known = KNOWN.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (!known) {
      if (!name) continue;
      if (others.areVariables && further.some(([other]) => other === name))
        throw badHeader(`The file has two columns \`${name.slice(0, 100)}\`.`);
      others.add(name);
      further.push([name, place]);
    } else if (places[known] === undefined) places[known] = place;
    else throw badHeader(`The file has two columns \`${known}\`.`);
  }
  if (NAMING.every((name) => places[name] === undefined)) throw badHeader('The file has no column `to`, `contactId` or `externalId`.');
  return { places, further, count: names.length };
}

/** Null for a line without any value, as spreadsheets leave them at the end. */
function recipientOf({ line, fault }: CsvRecord, fields: string[] | null, columns: Columns, others: FurtherColumns): UploadLine | null {
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
  if (!fields) return { line, recipient, fault: fault ?? 'The quotes of this line do not match.' };
  return { line, recipient, fault: fields.length === count ? null : `The line has ${fields.length} values, and the header ${count}.` };
}

/** Null for a record that is none. All at once, because the parser's own set-up takes longer than a record. */
function fieldsOf(records: readonly CsvRecord[]): (string[] | null)[] {
  const sound = records.filter(({ fault }) => fault === null);
  const all = tryParse(sound.map(({ text }) => text).join('\n'));
  const parsed = all?.length === sound.length ? all : sound.map(({ text }) => tryParse(text)?.[0] ?? null);
  let next = 0;
  return records.map(({ fault }) => (fault === null ? (parsed[next++] ?? null) : null));
}

const isWellFormed = (text: string): boolean => tryParse(text)?.length === 1;

function tryParse(text: string): string[][] | null {
  if (text === '') return [];
  try {
    return parse(text, FIELDS);
  } catch {
    return null;
  }
}
