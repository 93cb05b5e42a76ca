import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TemplateFault } from '../../src/templates/template-fault.js';
import { parseText, renderText } from '../../src/templates/text-engine.js';
import { variablesOf } from '../../src/templates/text-variables.js';

const READER = { language: 'en', timeZone: 'Asia/Riyadh', currency: 'SAR' };

const render = (source: string, variables: Record<string, unknown> = {}): string => renderText(parseText(source), variables, READER);

function faultOf(source: string, variables: Record<string, unknown> = {}): TemplateFault {
  try {
    const text = parseText(source);
    variablesOf(text);
    renderText(text, variables, READER);
  } catch (error) {
    return error as TemplateFault;
  }
  throw new Error('It was rendered.');
}

describe('a text', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['variables', 'Hi {{ name }}', { name: 'Layla' }, 'Hi Layla'],
    ['parts of variables', '{{ order.lines[0].name }}', { order: { lines: [{ name: 'Tea' }] } }, 'Tea'],
    ['conditions', '{% if a %}A{% elsif b %}B{% else %}C{% endif %}', { b: 1 }, 'B'],
    ['loops', '{% for line in lines %}{{ forloop.index }}. {{ line }} {% endfor %}', { lines: ['tea', 'milk'] }, '1. tea 2. milk '],
    ['choices', '{% case kind %}{% when "a" %}A{% else %}other{% endcase %}', { kind: 'b' }, 'other'],
    ['filters', '{{ name | upcase }} {{ x | default: "you" }}', { name: 'layla' }, 'LAYLA you'],
    ['its own variables', '{% assign n = lines | size %}{{ n }}', { lines: [1, 2] }, '2'],
    ['numbers and truths', '{{ n }} {{ yes }} {{ nothing }}', { n: 1.5, yes: true, nothing: null }, '1.5 true '],
    ['text that is no tag', '{% raw %}{{ name }}{% endraw %}', {}, '{{ name }}'],
  ])('may hold %s', (_what, source, variables, text) => {
    expect(render(source, variables)).toBe(text);
  });

  test('says which variable is missing, and where', () => {
    expect(faultOf('Hi\n{{ name }}')).toMatchObject({ kind: 'missing', variable: 'name', line: 2 });
    expect(faultOf('{{ order.total }}', { order: {} })).toMatchObject({ kind: 'missing', variable: 'order.total' });
  });

  test('refuses to show an object', () => {
    expect(faultOf('{{ order }}', { order: { total: 1 } })).toMatchObject({ kind: 'value', variable: 'order' });
    expect(faultOf('{{ lines }}', { lines: ['a', { total: 1 }] })).toMatchObject({ kind: 'value', variable: 'lines' });
    expect(faultOf('{% for x in lines %}{{ forloop }}{% endfor %}', { lines: [1] })).toMatchObject({ kind: 'value' });
  });
});

describe('a text cannot reach', () => {
  test.each([
    ['the constructor', '{{ constructor }}'],
    ["an object's constructor", '{{ a.constructor.name }}'],
    ["a text's constructor", '{{ b["constructor"]["constructor"] }}'],
    ['prototypes', '{{ a.__proto__ }}'],
    ["a loop's prototypes", '{% for x in c %}{{ forloop.__proto__.__proto__.__proto__.polluted }}{% endfor %}'],
    ["a loop's constructor", '{% for x in c %}{{ forloop.constructor.constructor }}{% endfor %}'],
    ['methods', '{{ toString }}{{ a.hasOwnProperty }}'],
    ['the process', '{{ process.env }}'],
    ['globals', '{{ globalThis }}'],
  ])('%s', (_what, source) => {
    expect(['missing', 'value']).toContain(faultOf(source, { a: {}, b: 'text', c: [1] }).kind);
  });

  test('what objects inherit, through a filter', () => {
    expect(render('{{ c | map: "constructor" | join }}', { c: [{ a: 1 }] })).toBe('');
  });

  test.each([
    'include "x"',
    'render "../../package.json"',
    'layout "x"',
    'block x',
    'capture x',
    'increment x',
    'tablerow x in y',
    'liquid',
    'echo x',
  ])('the tag {%% %s %%}', (tag) => {
    expect(faultOf(`{% ${tag} %}`)).toMatchObject({ kind: 'syntax', message: expect.stringContaining('not found') });
  });

  test.each(['json', 'inspect', 'where', 'sort_natural', 'strip_html', 'escape', 'base64_decode', 'sha256', 'find_exp'])(
    'the filter %s',
    (filter) => {
      expect(faultOf(`{{ x | ${filter} }}`, { x: 'a' })).toMatchObject({ kind: 'syntax', message: expect.stringContaining(filter) });
    },
  );

  test('the variables of its caller to change them', () => {
    const variables = { name: 'Layla', list: ['b', 'a'] };
    render('{% assign name = "x" %}{% assign list = list | sort | reverse %}{{ name }}', variables);
    expect(variables).toEqual({ name: 'Layla', list: ['b', 'a'] });
  });
});

const outcomeOf = (source: string, variables: Record<string, unknown>): string => {
  try {
    return typeof render(source, variables) === 'string' ? 'text' : 'something else';
  } catch (error) {
    return (error as Error).name;
  }
};

test('whatever a text says, it is rendered or refused as a text', () => {
  const piece = fc.oneof(
    fc.constantFrom('{{ ', ' }}', '{% if a %}', '{% endif %}', '{% for x in b %}', '{% endfor %}', '{% else %}', '{{ a | date }}', '{%- '),
    fc.constantFrom('a', 'b.c', 'x', '| upcase', '| split: ""', '[0]', '"', '(1..9)', 'contains', '== nil', '-%}', '{% raw %}', '\n'),
    fc.string({ maxLength: 6 }),
  );
  const values = fc.record({ a: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant('2026-12-01')), b: fc.jsonValue({ maxDepth: 2 }) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), values, (pieces, variables) => {
      expect(['text', 'TemplateFault']).toContain(outcomeOf(pieces.join(''), variables));
    }),
    { numRuns: 500 },
  );
});

describe('a text that takes too much is stopped:', () => {
  const long = 'x'.repeat(10_000);
  const nested = (depth: number): string => '{% if a %}'.repeat(depth) + '{% endif %}'.repeat(depth);

  test.each<[string, string, Record<string, unknown>]>([
    ['a loop over a vast range', '{% for i in (1..1000000000) %}x{% endfor %}', {}],
    ['loops in loops', '{% for i in a %}{% for j in a %}{% for k in a %}{% endfor %}{% endfor %}{% endfor %}', { a: Array(2_000).fill(1) }],
    [
      'ranges in ranges',
      '{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}',
      {},
    ],
    [
      'a text that doubles itself',
      '{% assign s = "aaaaaaaa" %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
      {},
    ],
    ['a long value again and again', '{% for i in (1..1000) %}{{ long }}{% endfor %}', { long }],
    ['a vast replacement', `{{ long | replace: "x", "${'y'.repeat(9_000)}" }}`, { long }],
    ['a list that is joined with much', `{{ long | split: "" | join: "${'y'.repeat(9_000)}" }}`, { long }],
    ['a thousand filters', `{{ long | upcase${'| upcase'.repeat(1_000)} }}`, { long }],
    ['tags in tags', nested(30), { a: 1 }],
    ['tags in tags without end', nested(900), { a: 1 }],
    ['a text without end', 'x'.repeat(20_001), {}],
  ])('%s', (_what, source, variables) => {
    const began = performance.now();
    expect(faultOf(source, variables)).toMatchObject({ kind: 'limit' });
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

test('tags that are opened by the thousand and never closed are refused', () => {
  // Whether by their number or for their end depends on how much stack there is.
  expect(['limit', 'syntax']).toContain(faultOf('{% if a %}'.repeat(1_700), { a: 1 }).kind);
});

describe('a process that has to wait for a processor', () => {
  const slow = (pauses: number, wait: () => void): Record<string, unknown> => ({
    get name() {
      if (pauses-- > 0) wait();
      return 'Layla';
    },
    end: '!',
  });
  const asleep = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120);
  const atWork = (): void => {
    for (const end = performance.now() + 120; performance.now() < end;);
  };

  test.each(['Hi {{ name }}{{ end }}', 'Hi {{ name }}{% if end %}!{% endif %}', '{% if name %}Hi {{ name }}{{ end }}{% endif %}'])(
    'renders %j all the same',
    (source) => {
      expect(render(source, slow(4, asleep))).toBe('Hi Layla!');
    },
  );

  test('still gives up what takes long by itself, and says so', () => {
    expect(faultOf('Hi {{ name }}{{ end }}', slow(100, atWork))).toMatchObject({ kind: 'limit', message: 'Rendering takes too long.' });
  });
});
