import { setImmediate } from 'node:timers/promises';
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
/** Lines. */
const STEP = 1_000;
const FEW = 16;

/** The records of a CSV file, the header too, as many at a time as come together. */
export async function* csvLines(lines: AsyncIterable<Line[]>): AsyncGenerator<CsvLine[], void, undefined> {
  const records = new CsvRecords(isWellFormed);
  for await (const some of lines) {
    for (let start = 0; start < some.length; start += STEP) {
      const complete = records.add(some.slice(start, start + STEP));
      if (complete.length > 0) yield withFields(complete);
      // A part of a file has room for ten thousand bad lines: others get their turns between.
      await setImmediate();
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

/**
 * All at once, because the parser's own set-up takes longer than a record; where one of them is bad, the halves, so that
 * it is not paid for each of the others. A few are parsed alone: where all are bad, halves of them only add to it.
 */
function parseAll(texts: readonly string[]): (string[] | null)[] {
  const all = tryParse(texts.join('\n'));
  if (all?.length === texts.length) return all;
  if (texts.length <= FEW) return texts.map((text) => tryParse(text)?.[0] ?? null);
  const half = Math.ceil(texts.length / 2);
  return [...parseAll(texts.slice(0, half)), ...parseAll(texts.slice(half))];
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
