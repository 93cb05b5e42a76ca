import fc from 'fast-check';
import { NOBODY } from '../../../src/messages/recipient.js';
import { describe, expect, test } from 'vitest';
import { csv } from '../../support/upload.js';
import { inShort, read } from './recipients.js';

const NOT_CLOSED = 'The line opens a quote that is not closed.';

describe('a CSV file of recipients', () => {
  test('may have its columns in any order and case, with spaces around names and values', async () => {
    const file = csv('Reference , TO,language', 'a, +14155550101 ,ar', ',+14155550102,');
    expect(inShort(await read('csv', file))).toEqual(['2 +14155550101 a ar', '3 +14155550102']);
  });

  test('may come as a spreadsheet writes it: with a byte order mark, CRLF, and empty lines at the end', async () => {
    const file = '\ufeffto,reference\r\n+14155550101,a\r\n+14155550102,b\r\n,\r\n\r\n';
    expect(inShort(await read('csv', file))).toEqual(['2 +14155550101 a', '3 +14155550102 b']);
  });

  test('may end its lines with CR alone, or each in another way', async () => {
    for (const ends of ['\r\r\r', '\r\n\r\r\n', '\n\r\r\n', '\r\n\n\r\n'].map((text) => text.match(/\r\n|\n|\r/g) ?? [])) {
      const file = ['to,reference', '+14155550101,a', '+14155550102,b'].map((line, index) => line + ends[index]).join('');
      for (const size of [1, 7, 13, 999]) expect(inShort(await read('csv', file, size))).toEqual(['2 +14155550101 a', '3 +14155550102 b']);
    }
  });

  test('keeps a CR within quotes, as it does a line end there, and counts each as a line', async () => {
    const file = 'to,reference\n+14155550101,"a\rb\r\nc\n\rd"\r\n+14155550102,e\n';
    for (const size of [1, 7, 999]) {
      const { lines } = await read('csv', file, size);
      expect(lines.map(({ line, recipient }) => [line, recipient.reference])).toEqual([
        [2, 'a\rb\nc\n\rd'],
        [7, 'e'],
      ]);
    }
  });

  test('needs no line end after its last line', async () => {
    expect(inShort(await read('csv', 'to\n+14155550101'))).toEqual(['2 +14155550101']);
  });

  test('may have quotes around values with commas, quotes and line ends in them', async () => {
    const file = csv('to,reference,note', '"+1 (415) 555-0101","a, ""b""","one', 'two, three"', '+14155550102,c,');
    expect(inShort(await read('csv', file))).toEqual(['2 +1 (415) 555-0101 a, "b"', '4 +14155550102 c']);
  });

  test('is the same in whatever pieces it arrives', async () => {
    const file = csv('to,reference,بلد', '+14155550101,"مرحبا, 你好",أ', '+14155550102,"👩‍👩‍👧', '"""b""",x', '"', '+14155550103,é,');
    const whole = await read('csv', file);
    for (let size = 1; size <= 20; size++) expect(await read('csv', file, size)).toEqual(whole);
  });

  test('names the columns that no message is made of', async () => {
    expect((await read('csv', csv('to,First name,,city', '+14155550101,Ann,,Riyadh'))).unused).toEqual(['First name', 'city']);
  });

  test.each([
    ['nothing', '', 'The file is empty.'],
    ['a header without `to`', csv('phone,name', '+14155550101,Ann'), 'The file has no column `to`, `contactId` or `externalId`.'],
    ['semicolons', csv('to;name', '+14155550101;Ann'), 'The file has no column `to`, `contactId` or `externalId`.'],
    ['no header', csv('+14155550101', '+14155550102'), 'The file has no column `to`, `contactId` or `externalId`.'],
    ['two columns `to`', csv('to,To', '+14155550101,+14155550102'), 'The file has two columns `to`.'],
    ['101 columns', csv(`to${',x'.repeat(100)}`), 'The file has more than 100 columns.'],
  ])('that holds %s is refused', async (_what, file, message) => {
    await expect(read('csv', file)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) });
  });
});

describe('a bad line of a CSV file is reported with its number, and the others are read:', () => {
  test('one with too many or too few values', async () => {
    const file = csv('to,reference', '+14155550101,a,b', '+14155550102', '+14155550103,c');
    expect(inShort(await read('csv', file))).toEqual([
      '2 The line has 3 values, and the header 2.',
      '3 The line has 1 values, and the header 2.',
      '4 +14155550103 c',
    ]);
  });

  test('one with a quote in the middle of a value', async () => {
    const file = csv('to,reference', '+14155550101,5" pipe and 6" pipe', '+14155550102,b');
    expect(inShort(await read('csv', file))).toEqual(['2 The quotes of this line do not match.', '3 +14155550102 b']);
  });

  test('some among thousands, wherever they stand', async () => {
    const isBad = (line: number): boolean => [2, 3, 999, 1001, 1002, 2500, 4001].includes(line);
    const lines = Array.from({ length: 4000 }, (_, index) => (isBad(index + 2) ? 'a"b"' : `"+${index + 2}"`));
    expect(inShort(await read('csv', csv('to', ...lines)))).toEqual(
      lines.map((_, index) => (isBad(index + 2) ? `${index + 2} The quotes of this line do not match.` : `${index + 2} +${index + 2}`)),
    );
  });

  test('all of very many, while others get their turns', async () => {
    let turns = 0;
    let counting = setImmediate(function count() {
      turns++;
      counting = setImmediate(count);
    });
    const { lines } = await read('csv', csv('to', ...Array<string>(10_000).fill('a"b"')));
    clearImmediate(counting);
    expect(lines).toHaveLength(10_000);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  test('one that opens a quote and does not close it, before and after lines with quotes', async () => {
    const good = Array.from({ length: 100 }, (_, index) => `+1415555${1000 + index},"q ${index}"`);
    const { lines } = await read('csv', csv('to,reference', ...good, '+14155550101,"Ann', ...good));
    expect(lines).toHaveLength(201);
    expect(lines.filter(({ fault }) => fault)).toEqual([{ line: 102, recipient: NOBODY, fault: NOT_CLOSED }]);
  });

  test('two that do not close theirs', async () => {
    const file = csv('to,reference', '+14155550101,"a', '+14155550102,b', '+14155550103,"c', '+14155550104,d');
    expect(inShort(await read('csv', file))).toEqual([`2 ${NOT_CLOSED}`, '3 +14155550102 b', `4 ${NOT_CLOSED}`, '5 +14155550104 d']);
  });

  test('one that is too long, although it fits into no memory', async () => {
    const file = csv('to', '+14155550101', 'x'.repeat(200_000), '+14155550102');
    expect(inShort(await read('csv', file, 1000))).toEqual([
      '2 +14155550101',
      '3 The line is longer than 16,384 characters.',
      '4 +14155550102',
    ]);
  });

  test.each(['\n', '\r\n', '\r'])('one of 16,385 characters, and no shorter one, whatever follows it: %j', async (end) => {
    const file = ['to,x', `+14155550101,${'x'.repeat(16_371)}`, `+14155550102,${'x'.repeat(16_372)}`, ''].join(end);
    for (const size of [1, 16_390, 99_999])
      expect(inShort(await read('csv', file, size))).toEqual(['2 +14155550101', '3 The line is longer than 16,384 characters.']);
  });
});

test('whatever the file, each of its lines is read or reported, and nothing is thrown but for its header', async () => {
  const line = fc.stringMatching(/^[",\n\r 1a]{0,30}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), async (lines, size) => {
      const file = csv('to,reference', ...lines);
      const numbers = (await read('csv', file, size)).lines.map((one) => one.line);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
      expect(numbers.every((number) => number > 1 && number <= file.split(/\r\n|\n|\r/).length)).toBe(true);
    }),
  );
});
