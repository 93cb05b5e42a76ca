import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildApiSchema } from './build-schema.js';
import { RESOLVERS } from './resolvers.js';

const FILE = resolve('schema/schema.graphql');

/** Writes the public schema, or with `--check` fails when the committed one is stale. */
const sdl = `${printSchema(lexicographicSortSchema(await buildApiSchema({ resolvers: [...RESOLVERS] })))}\n`;
if (process.argv.includes('--check')) {
  const committed = await readFile(FILE, 'utf8').catch(() => '');
  if (committed !== sdl) {
    process.stderr.write('schema/schema.graphql is stale: run `npm run schema` and commit it.\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, sdl);
  process.stdout.write(`${FILE} written.\n`);
}
