import { parse } from 'csv-parse/sync';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import type { Line } from './line-reader.js';

/** A record of a CSV file with its values. */
export interface CsvLine {
  /** The number of its first line. */
  line: number;
  /** Null where it cannot be read. */
  fields: string[] | null;
  /** Why. */
  fault: string | null;
}

const FIELDS = { relax_column_count: true, record_delimiter: '\n' };

/** The records of a CSV file, the header too, as many at a time as come together. */
export async function* csvLines(lines: AsyncIterable<Line[]>): AsyncGenerator<CsvLine[], void, undefined> {
  const records = new CsvRecords(isWellFormed);
  for await (const some of lines) {
    const complete = records.add(some);
    if (complete.length > 0) yield withFields(complete);
  }
  const last = records.end();
  if (last.length > 0) yield withFields(last);
}

/** All at once, because the parser's own set-up takes longer than a record. */
function withFields(records: readonly CsvRecord[]): CsvLine[] {
  const sound = records.filter(({ fault }) => fault === null);
  const all = tryParse(sound.map(({ text }) => text).join('\n'));
  const parsed = all?.length === sound.length ? all : sound.map(({ text }) => tryParse(text)?.[0] ?? null);
  let next = 0;
  return records.map(({ line, fault }) => {
    const fields = fault === null ? (parsed[next++] ?? null) : null;
    return { line, fields, fault: fields ? null : (fault ?? 'The quotes of this line do not match.') };
  });
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
