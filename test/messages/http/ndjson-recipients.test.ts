import { describe, expect, test } from 'vitest';
import { inShort, read } from './recipients.js';

describe('an NDJSON file of recipients', () => {
  test('has an object a line, and may have empty lines and any line end', async () => {
    const file =
      '{"to":"+14155550101","reference":"a","language":"en-us"}\r\n\n  \n{"to":" +14155550102 ","reference":null}\r{"to":"+14155550103"}\r';
    for (const size of [1, 58, 999])
      expect(inShort(await read('ndjson', file, size))).toEqual(['1 +14155550101 a en-US', '4 +14155550102', '5 +14155550103']);
  });

  test('names what no message is made of, in `variables` too', async () => {
    const file = '{"to":"+14155550101","city":"Riyadh"}\n{"to":"+14155550102","variables":{"name":"Ann"}}';
    expect((await read('ndjson', file)).unused).toEqual(['city', 'name']);
  });

  test.each([
    ['no JSON', '{"to":', 'The line is not a JSON object.'],
    ['a list', '["+14155550101"]', 'The line is not a JSON object.'],
    ['a text', '"+14155550101"', 'The line is not a JSON object.'],
    ['a number in place of a text', '{"to":14155550101}', '`to` must be a text in quotes, or null.'],
    ['an object for a reference', '{"to":"+14155550101","reference":{}}', '`reference` must be a text in quotes, or null.'],
    ['20,000 characters', `{"to":"${'1'.repeat(20_000)}"}`, 'The line is longer than 16,384 characters.'],
  ])('reports a line that holds %s, and reads the next', async (_what, line, fault) => {
    expect(inShort(await read('ndjson', `${line}\n{"to":"+14155550101"}\n`, 999))).toEqual([`1 ${fault}`, '2 +14155550101']);
  });
});

describe('a line with variables', () => {
  const variablesIn = async (line: string): Promise<unknown> =>
    (await read('ndjson', line, 999, null, 'visit')).lines[0]?.recipient.variables;

  test('may name them by their paths, beside what it holds already', async () => {
    const line = '{"to":"+14155550101","order":{"total":9},"order.place":"Riyadh","variables":{"order.id":7}}';
    expect(await variablesIn(line)).toEqual({ order: { total: 9, place: 'Riyadh', id: 7 } });
  });

  test.each(['"a":{},"a.__proto__.planted":1', '"a":{},"a.__proto__":{"planted":1}', '"variables":{"a":{},"a.constructor.planted":1}'])(
    'reaches nothing but its own: %s',
    async (fields) => {
      const { a } = (await variablesIn(`{"to":"+14155550101",${fields}}`)) as { a: { planted?: number } };
      expect([({} as { planted?: number }).planted, (Object as { planted?: number }).planted, a.planted]).toEqual(Array(3).fill(undefined));
    },
  );

  test.each(['"x":' + '['.repeat(3_000) + ']'.repeat(3_000), `"${'a.'.repeat(7_000)}a":1`])(
    'of thousands of levels is reported alone',
    async (fields) => {
      const { lines } = await read('ndjson', `{"to":"+14155550101",${fields}}\n{"to":"+14155550102"}\n`, 999, null, 'visit');
      expect(lines.map(({ fault, recipient }) => [fault, recipient.variables])).toEqual([
        ['A variable has more than 20 levels.', null],
        [null, {}],
      ]);
    },
  );
});

describe.each([
  ['csv', 'to,Reference,name\n+14155550101,a,Ann\n'],
  ['ndjson', '{"to":"+14155550101","reference":"a","name":"Ann"}\n'],
] as const)('a text with a placeholder for what a %s file has', (format, file) => {
  test.each([
    ['Hello {name}', '{name}'],
    ['Hello {{name}}', '{name}'],
    ['Hello {{ name }}', '{name}'],
    ['Hello {{ name | default: "you" }}', '{name}'],
    ['Hello {Name}', '{name}'],
    ['Your order {reference} is ready', '{reference}'],
    ['You are {to}', '{to}'],
  ])('is refused, because it would go out as it stands: %s', async (body, named) => {
    const refused = { name: 'Refusal', reasons: [{ code: 'INVALID_INPUT', field: ['body'], message: expect.stringContaining(named) }] };
    await expect(read(format, file, 100, body)).rejects.toMatchObject(refused);
  });

  test.each(['Hello {city}', 'Hello {language}', 'Your name, {please}', '{', '{}'])(
    'is taken when it means nothing in the file: %s',
    async (body) => {
      expect((await read(format, file, 100, body)).lines).toHaveLength(1);
    },
  );
});

test('a text with a placeholder for what stands in `variables`, or after a hundred other names, is refused', async () => {
  const others = Array.from({ length: 100 }, (_, index) => `"x${index}":1`).join();
  for (const line of ['{"to":"+14155550101","variables":{"name":"Ann"}}', `{"to":"+14155550101",${others},"name":"Ann"}`])
    await expect(read('ndjson', line, 999, 'Hello {{ name }}')).rejects.toMatchObject({ reasons: [{ field: ['body'] }] });
});

test.each([
  ['csv', 'to,Body\n+14155550101,Hello\n'],
  ['ndjson', '{"to":"+14155550101","body":"Hello"}\n'],
] as const)('a %s file with texts of its own is refused', async (format, file) => {
  await expect(read(format, file)).rejects.toMatchObject({ reasons: [{ code: 'INVALID_INPUT', field: ['body'] }] });
});
