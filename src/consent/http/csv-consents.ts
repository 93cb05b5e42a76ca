import { AppError, ErrorCode } from '../../errors.js';
import { csvLines, type CsvLine } from '../../platform/upload/csv-lines.js';
import type { Line } from '../../platform/upload/line-reader.js';
import { CONSENT_COLUMNS, PERSON_COLUMNS, type ConsentColumn, type ConsentLine } from '../consent-line.js';

const KNOWN: readonly ConsentColumn[] = [...PERSON_COLUMNS, ...CONSENT_COLUMNS];
/** One of them at least says whose consent it is. */
const NAMING: readonly ConsentColumn[] = ['externalId', 'phone', 'email', 'whatsAppUserId'];
const MOST_COLUMNS = 100;
const LONGEST_NAME = 100;

interface Columns {
  known: [name: ConsentColumn, place: number][];
  others: [name: string, place: number][];
  count: number;
}

/** The lines of a CSV file whose header names the columns. Throws AppError for a header that does not say whose consents they are. */
export async function* csvConsents(lines: AsyncIterable<Line[]>): AsyncGenerator<ConsentLine[], void, undefined> {
  let columns: Columns | null = null;
  for await (const records of csvLines(lines)) {
    const rest = columns ? records : records.slice(1);
    columns ??= columnsOf(records[0]?.fields ?? []);
    const header = columns;
    yield rest.flatMap((record) => lineOf(record, header) ?? []);
  }
  if (!columns) throw badHeader('The file is empty.');
}

const badHeader = (message: string): AppError =>
  new AppError(
    ErrorCode.BAD_USER_INPUT,
    `${message} Its first line must name the columns, with commas between, and one of them ${NAMING.map((name) => `\`${name}\``).join(', ')}.`,
    { line: 1 },
  );

function columnsOf(header: readonly string[]): Columns {
  const names = header.map((name) => name.trim().slice(0, LONGEST_NAME));
  if (names.length > MOST_COLUMNS) throw badHeader(`The file has more than ${MOST_COLUMNS} columns.`);
  const columns: Columns = { known: [], others: [], count: names.length };
  const seen = new Set<string>();
  for (const [place, name] of names.entries()) {
    if (!name) continue;
    const known = KNOWN.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (seen.has(known ?? name)) throw badHeader(`The file has two columns \`${known ?? name}\`.`);
    seen.add(known ?? name);
    if (known) columns.known.push([known, place]);
    else columns.others.push([name, place]);
  }
  if (!columns.known.some(([name]) => NAMING.includes(name))) throw badHeader('The file does not say whose consents they are.');
  return columns;
}

/** Null for a line without any value, as spreadsheets leave them at the end. */
function lineOf({ line, fields, fault }: CsvLine, { known, others, count }: Columns): ConsentLine | null {
  if (!fields) return { line, values: {}, others: {}, fault };
  if (fields.every((field) => !field.trim())) return null;
  const at = (place: number): string | null => fields[place]?.trim() || null;
  return {
    line,
    values: Object.fromEntries(known.map(([name, place]) => [name, at(place)])),
    others: Object.fromEntries(others.flatMap(([name, place]) => (at(place) === null ? [] : [[name, at(place) ?? '']]))),
    fault: fields.length === count ? null : `The line has ${fields.length} values, and the header ${count}.`,
  };
}
