import { parse } from 'csv-parse/sync';
import { AppError, ErrorCode } from '../../errors.js';
import type { UploadLine } from '../batch-upload.js';
import { NOBODY } from '../recipient.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import { canonicalLanguage } from './language.js';
import type { Line } from './line-reader.js';
import type { UnusedColumns } from './unused-columns.js';

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
export async function* csvRecipients(lines: AsyncIterable<Line[]>, unused: UnusedColumns): AsyncGenerator<UploadLine[], void, undefined> {
  let columns: Columns | null = null;
  for await (const records of recordsOf(lines)) {
    const rest = columns ? records : records.slice(1);
    columns ??= records[0] ? columnsOf(records[0], unused) : null;
    const { places, count } = columns ?? { places: {}, count: 0 };
    const fields = fieldsOf(rest);
    yield rest.flatMap((record, index) => recipientOf(record, fields[index] ?? null, places, count) ?? []);
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
  count: number;
}

const badHeader = (message: string): AppError =>
  new AppError(
    ErrorCode.BAD_USER_INPUT,
    `${message} Its first line must name the columns, with commas between, and one of them \`to\`, \`contactId\` or \`externalId\`.`,
    {
      line: 1,
    },
  );

function columnsOf(header: CsvRecord, unused: UnusedColumns): Columns {
  const names = (fieldsOf([header])[0] ?? []).map((name) => name.trim());
  if (names.length > MOST_COLUMNS) throw badHeader(`The file has more than ${MOST_COLUMNS} columns.`);
  const places: Columns['places'] = {};
  for (const [place, name] of names.entries()) {
    const known = KNOWN.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (!known) {
      if (name) unused.add(name);
    } else if (places[known] === undefined) places[known] = place;
    else throw badHeader(`The file has two columns \`${known}\`.`);
  }
  if (NAMING.every((name) => places[name] === undefined)) throw badHeader('The file has no column `to`, `contactId` or `externalId`.');
  return { places, count: names.length };
}

/** Null for a line without any value, as spreadsheets leave them at the end. */
function recipientOf({ line, fault }: CsvRecord, fields: string[] | null, places: Columns['places'], count: number): UploadLine | null {
  const value = (column: Known): string | null => fields?.[places[column] ?? -1]?.trim() || null;
  if (fields?.every((field) => !field.trim())) return null;
  const language = value('language');
  const recipient = {
    ...NOBODY,
    to: value('to'),
    contactId: value('contactId'),
    externalId: value('externalId'),
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
