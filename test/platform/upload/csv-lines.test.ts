import { expect, test } from 'vitest';
import { csvLines, type CsvLine } from '../../../src/platform/upload/csv-lines.js';

async function* asParts(parts: readonly (readonly string[])[]) {
  let number = 0;
  for (const part of parts) yield part.map((text) => ({ number: ++number, text, end: '\n' as const }));
}
async function read(parts: readonly (readonly string[])[]): Promise<CsvLine[]> {
  const found: CsvLine[] = [];
  for await (const some of csvLines(asParts(parts))) found.push(...some);
  return found;
}

const FAULT = 'The quotes of this line do not match.';

test.each([[[]], [[0]], [[1_299]], [[499, 500]], [[3, 4, 5, 700, 1_000, 1_001]], [Array.from({ length: 1_300 }, (_, line) => line)]])(
  'lines with wrong quotes at %j are told, and the others are read as without them',
  async (wrong) => {
    const texts = Array.from({ length: 1_300 }, (_, at) => (wrong.includes(at) ? 'a"b",c' : `"${at}",b`));
    const expected = texts.map((_, at) =>
      wrong.includes(at) ? { line: at + 1, fields: null, fault: FAULT } : { line: at + 1, fields: [String(at), 'b'], fault: null },
    );
    expect(await read([texts])).toEqual(expected);
  },
);

test('a file of many short lines that came at once leaves others their turns', async () => {
  let turns = 0;
  let isRead = false;
  const count = (): void => {
    turns++;
    if (!isRead) setImmediate(count);
  };
  setImmediate(count);
  const lines = await read(Array.from({ length: 10 }, () => Array<string>(5_000).fill(' ')));
  isRead = true;
  expect(lines).toHaveLength(50_000);
  expect(turns).toBeGreaterThanOrEqual(100);
});
