import { expect, test } from 'vitest';
import { parseText } from '../../src/templates/text-engine.js';
import { variablesOf } from '../../src/templates/text-variables.js';

const named = (name: string, count: number): string => Array.from({ length: count }, (_, n) => `${name}${n}`).join('');

test.each<[string, string, string[], string[]]>([
  ['what is shown', '{{ a }} {{ b.c }}', ['a', 'b.c'], []],
  ['what a filter is given', '{{ a | append: b }}', ['a', 'b'], []],
  ['the list of a loop, and not its items', '{% for x in list %}{{ x.name }}{{ forloop.index }}{% endfor %}', ['list'], []],
  ['the list that an item is taken from', '{{ list[0].name }} {{ list.size }} {{ list.first }}', ['list'], []],
  ['not what the text assigns', '{% assign x = a %}{{ x }}', ['a'], []],
  ['nothing of comments', '{% comment %}{{ a }}{% endcomment %}', [], []],
  ['what is tested and shown as optional', '{% if a %}{{ a }}{% endif %}', [], ['a']],
  ['what is only tested as optional', '{% if a == "x" %}yes{% endif %}', [], ['a']],
  ['what is tested here and shown elsewhere', '{% if a %}{{ a }}{% endif %}{{ a }}', ['a'], []],
  ['what is shown where another was tested', '{% if a %}{{ b }}{% endif %}', ['b'], ['a']],
  ['what is shown where the test failed', '{% if a %}{% else %}{{ a }}{% endif %}', ['a'], []],
  ['parts of what was tested as optional', '{% if a %}{{ a.b }}{% endif %}', [], ['a', 'a.b']],
  ['what a later test holds', '{% if a %}{% elsif b %}{{ b }}{% endif %}', [], ['a', 'b']],
  ['what unless has tested', '{% unless a %}none{% else %}{{ a }}{% endunless %}', [], ['a']],
  ['tests around tests', '{% if a %}{% if b %}{{ a }}{{ b }}{% endif %}{% endif %}', [], ['a', 'b']],
  ['what has a default as optional', '{{ a | default: "you" }}', [], ['a']],
  ['what a list is indexed by', '{{ list[order.place].name }}', ['list', 'order.place'], []],
  ['the ends of a range', '{% for n in (a..b.c) %}{{ n }}{% endfor %}{{ (d..e).first }}', ['a', 'b.c', 'd', 'e'], []],
  ['names in quotes', '{{ order["total"] }}', ['order.total'], []],
  ['what decides a choice', '{% case kind %}{% when "a" %}A{% endcase %}', ['kind'], []],
])('a text asks for %s', (_what, source, required, optional) => {
  expect(variablesOf(parseText(source))).toEqual({ required, optional });
});

test.each([
  ['outputs', '{{a}}'.repeat(3_900)],
  ['tests', `{% if a${' or a'.repeat(3_900)} %}{% endif %}`],
  ['arguments', `{{ a | replace: a${',a'.repeat(9_000)} }}`],
  ['tests within tests', `{% if a1${named(' or a', 1_000)} %}{% if b1${named(' or b', 1_000)} %}{% endif %}{% endif %}`],
  ['parts', `{% if a %}{{ a${'.b'.repeat(9_000)} }}{% endif %}`],
])('the longest text of many %s is read at once', (_what, source) => {
  const parsed = parseText(source);
  const began = process.threadCpuUsage();
  for (let n = 0; n < 5; n++) variablesOf(parsed);
  expect(process.threadCpuUsage(began).user / 1_000).toBeLessThan(500);
});
