import { v7 } from 'uuid';
import { RandomPool } from './random-pool.js';

const random = new RandomPool(16);
let time = 0;
let sequence = 0;

/** A UUIDv7: ids made later in this process sort later, also within one millisecond and when the clock is set back. */
export function newId(): string {
  const now = Date.now();
  const bytes = random.next();
  if (now > time) {
    time = now;
    sequence = bytes.readUInt32BE(0) >>> 1;
  } else {
    sequence = (sequence + 1) | 0;
    if (sequence === 0) time++;
  }
  return v7({ random: bytes, msecs: time, seq: sequence });
}

export const newIds = (count: number): string[] => Array.from({ length: count }, newId);

/** When the id was made, to the millisecond. */
export const idTime = (id: string): Date => new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));

/** The lowest id of that millisecond: `id >= idFloor(date)` is "made at or after date", and lets PostgreSQL skip partitions. */
export function idFloor(date: Date): string {
  // Ids know no time before 1970.
  const digits = Math.max(0, date.getTime()).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

/** Lower case only, as we hand ids out, so that equal ids are equal strings. */
export const isUuid = (value: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value);
