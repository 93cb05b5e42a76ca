import { sql } from 'kysely';

const MARK = '/* prepared */ ';

/**
 * Stands before a statement that is sent all day in the same words: each connection keeps how it is carried out, and does
 * not plan it again. Not for lists and statistics, whose plan must follow the values.
 */
export const prepared = sql.raw(MARK);

/** Which columns a group's rows agree in makes other words of the same statement: most of these come now and then, and are not worth keeping. */
const OFTEN = 20;
/** What is kept takes memory of every connection. */
const MOST = 64;
const MOST_COUNTED = 1_000;

/** How often each text was sent; a text that is kept has a name instead. */
const counts = new Map<string, number>();
const names = new Map<string, string>();

/** What the driver is to be given instead of such a statement's text and values; of a statement that asks for nothing, null. */
export function asPrepared(text: string, values: unknown): { name?: string; text: string; values: unknown } | null {
  // Ours begin on a line of their own.
  const statement = text.trimStart();
  return statement.startsWith(MARK) ? { name: nameOf(statement), text: statement.slice(MARK.length), values } : null;
}

function nameOf(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || names.size === MOST) return name;
  if (counts.size === MOST_COUNTED) counts.clear();
  const count = (counts.get(text) ?? 0) + 1;
  counts.set(text, count);
  if (count === OFTEN) names.set(text, `heliograph_${names.size}`);
  return undefined;
}
