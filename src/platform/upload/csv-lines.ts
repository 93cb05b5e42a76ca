import { setImmediate as turn } from 'node:timers/promises';
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

/** Records that are read in one go: each may be one that needs the parser for itself, and others wait meanwhile. */
const SLICE = 500;
const FIELDS = { relax_column_count: true, record_delimiter: '\n' };

/** The records of a CSV file, the header too, as many at a time as come together. */
export async function* csvLines(lines: AsyncIterable<Line[]>): AsyncGenerator<CsvLine[], void, undefined> {
  const records = new CsvRecords(isWellFormed);
  for await (const some of lines) {
    const complete = records.add(some);
    for (let at = 0; at < complete.length; at += SLICE) {
      yield withFields(complete.slice(at, at + SLICE));
      await turn();
    }
  }
  const last = records.end();
  if (last.length > 0) yield withFields(last);
}

function withFields(records: readonly CsvRecord[]): CsvLine[] {
  const sound = records.filter(({ fault }) => fault === null);
  const parsed = parseAll(sound.map(({ text }) => text));
  let next = 0;
  return records.map(({ line, fault }) => {
    const fields = fault === null ? (parsed[next++] ?? null) : null;
    return { line, fields, fault: fields ? null : (fault ?? 'The quotes of this line do not match.') };
  });
}

/** All at once, and half of them at a time where one cannot be read: the parser's own set-up takes longer than a record. */
function parseAll(texts: readonly string[]): (string[] | null)[] {
  const all = tryParse(texts.join('\n'));
  if (all?.length === texts.length) return all;
  if (texts.length === 1) return [all?.[0] ?? null];
  const middle = Math.ceil(texts.length / 2);
  return [...parseAll(texts.slice(0, middle)), ...parseAll(texts.slice(middle))];
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
