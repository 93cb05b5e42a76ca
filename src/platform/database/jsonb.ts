const ESCAPE = /\\(?:ud[0-9a-f]{3}|.)/g;

/** As JSON that PostgreSQL takes: halves of surrogate pairs, which it refuses there, are replaced as they are in columns of text. */
export function toJsonb(value: unknown): string {
  const text = JSON.stringify(value);
  // Whole pairs are not escaped. What only looks like an escape has a backslash before it, which is an escape itself.
  return text.includes('\\ud') ? text.replace(ESCAPE, (escape) => (escape.startsWith('\\ud') ? '\ufffd' : escape)) : text;
}
