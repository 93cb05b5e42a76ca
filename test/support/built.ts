import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BUILD = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));

let building: Promise<unknown> | undefined;

/** dist is that of the sources, for tests that start the program as a user does. */
export async function built(): Promise<void> {
  await (building ??= promisify(execFile)(process.execPath, [BUILD]));
}
