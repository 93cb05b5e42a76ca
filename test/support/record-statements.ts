import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';

/**
 * Writes what the program sends to PostgreSQL to the file that RECORD_STATEMENTS names, a statement a line; of those that
 * name the same tables and columns only the first. What for: test/platform/database/previous-schema.test.ts.
 */
const file = process.env['RECORD_STATEMENTS'] ?? '';

const OF_THE_PROGRAM = /\/src\/(?!platform\/database\/(?:database|migrate)\.ts)/;
const STATEMENT = /^(?:select|insert|update|delete|with)\b/i;
const NOT_OF_ITS_TABLES = /agenda_jobs|information_schema|\bpg_(?:database|advisory|try|inherits)|migrations/;
// The ORM sends its values within the text; some ids stand in ours.
const OF_THE_ORM = /"[a-z]\d"|^(?:insert into|update|delete from) "/;
const VALUE = /E?'(?:[^']|'')*'/g;
const LIST = /\(null(?:, null)+\)/g;
const ID = /'[^']*[0-9a-f]{8}-[0-9a-f]{4}-[^']*'/g;

const TABLE = /\b(?:from|join|into|update|using) (?:only )?"?([a-z_]+)/g;

/** That the statement, of its kind, names something in company of a table. */
function namesIn(statement: string): string[] {
  const tables = new Set([...statement.matchAll(TABLE)].map(([, table = '']) => table));
  const words = new Set(statement.match(/[a-z_]{2,}/g));
  return [...tables].flatMap((table) => [...words].map((word) => `${statement.slice(0, 6)} ${table} ${word}`));
}

const known = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap(namesIn) : []);

function note(text: string): void {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (!STATEMENT.test(line) || NOT_OF_ITS_TABLES.test(line) || !OF_THE_PROGRAM.test(new Error().stack ?? '')) return;
  const statement = OF_THE_ORM.test(line) ? line.replaceAll(VALUE, 'null').replaceAll(LIST, '(null)') : line.replaceAll(ID, 'null');
  const names = namesIn(statement);
  if (names.every((name) => known.has(name))) return;
  for (const name of names) known.add(name);
  appendFileSync(file, `${statement}\n`);
}

Error.stackTraceLimit = 60;
const send = Client.prototype.query as (...given: unknown[]) => unknown;
Client.prototype.query = function (this: Client, ...given: unknown[]): unknown {
  const [first] = given as [string | { text?: string }];
  note(typeof first === 'string' ? first : (first.text ?? ''));
  return send.apply(this, given);
} as typeof Client.prototype.query;
