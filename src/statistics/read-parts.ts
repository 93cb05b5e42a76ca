import type { Kysely } from 'kysely';
import { AppError } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import { bucketStarts, spansOf, type Bucket } from './bucket.js';
import { readDetails, readSeries, readTemplates, readTotals, type Selection, type SeriesRow } from './statistics.queries.js';

/** What one statement reads. */
export type Part = { of: 'totals' | 'templates' | 'details' } | { of: 'series'; bucket: Bucket };

export interface Series {
  /** Of each bucket. */
  starts: Date[];
  rows: SeriesRow[];
}

export interface Reading extends Selection {
  /** By whose calendar days and months begin. */
  timeZone: string;
  now: Date;
}

/** The parts in their order, all as they were at one moment; an error in the place of a part that cannot be read. */
export async function readParts(db: Database, reading: Reading, parts: readonly Part[]): Promise<unknown[]> {
  const read = async (tx: Kysely<unknown>): Promise<unknown[]> => {
    const results: unknown[] = [];
    for (const part of parts) results.push(await readPart(tx, reading, part));
    return results;
  };
  return parts.length > 1 ? db.snapshot(read) : read(db.sql);
}

function readPart(tx: Kysely<unknown>, reading: Reading, part: Part): Promise<unknown> {
  switch (part.of) {
    case 'totals':
      return readTotals(tx, reading);
    case 'templates':
      return readTemplates(tx, reading);
    case 'details':
      return readDetails(tx, reading);
    case 'series':
      return readBuckets(tx, reading, part.bucket);
  }
}

async function readBuckets(tx: Kysely<unknown>, reading: Reading, bucket: Bucket): Promise<Series | AppError> {
  try {
    const starts = bucketStarts(reading.span, bucket, reading.timeZone, reading.now);
    return { starts, rows: await readSeries(tx, reading, starts, spansOf(starts, reading.span)) };
  } catch (error) {
    // A series that is too long must not take the other figures with it.
    if (error instanceof AppError) return error;
    throw error;
  }
}
