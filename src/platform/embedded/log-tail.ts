import { readFileSync } from 'node:fs';

const CHARACTERS = 1_500;

/** The end of what was written to the file after its first so many bytes, for an error message. */
export function logTail(file: string, skippedBytes = 0): string {
  try {
    return `${file} ends:\n${readFileSync(file).subarray(skippedBytes).toString().trim().slice(-CHARACTERS)}`;
  } catch {
    return `${file} cannot be read.`;
  }
}
