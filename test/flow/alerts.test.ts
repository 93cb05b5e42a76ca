import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const { groups } = parse(readFileSync('docs/alerts.yml', 'utf8')) as { groups: { rules: Rule[] }[] };
const RULES = groups.flatMap(({ rules }) => rules);
const MANUAL = readFileSync('docs/operations.md', 'utf8');
const sectionOf = (title: string): string => MANUAL.split(/^## /m).find((part) => part.startsWith(title)) ?? '';

/** Of Prometheus itself, and of exporters of the servers. */
const OF_OTHERS = /^(?:up|pg_\w+|redis_\w+)$/;
const WORDS = /\b(?:and|or|by|le)\b/;

/** Each metric that an expression names, with the labels that it asks for. */
const metricsIn = (expr: string): { name: string; labels: string[] }[] =>
  [...expr.matchAll(/\b([a-z]\w+)\b(?:\{([^}]*)\})?(?!\s*\()/g)]
    .filter(([, name = '']) => name.includes('_') && !/^histogram_quantile$/.test(name) && !WORDS.test(name))
    .map(([, name = '', labels = '']) => ({ name, labels: [...labels.matchAll(/(\w+)=/g)].map(([, label = '']) => label) }));

let run: TestApp;
let scraped: string;
let exposed: Set<string>;
beforeAll(async () => {
  run = await startTestApp();
  scraped = await (await fetch(`${run.url}/metrics`)).text();
  const types = [...scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  exposed = new Set(
    types.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
  );
});
afterAll(() => run.stop());

describe.each(RULES)('the alert $alert', ({ expr, annotations, labels }) => {
  test('asks for metrics that the program has', () => {
    const named = metricsIn(expr);
    expect(named.length + Number(expr.startsWith('up{'))).toBeGreaterThan(0);
    expect(named.filter(({ name }) => !OF_OTHERS.test(name) && !exposed.has(name))).toEqual([]);
  });

  test('asks for labels that the metric has', () => {
    const told = sectionOf('Metrics').split('\n');
    for (const { name, labels: asked } of metricsIn(expr).filter((metric) => metric.name.startsWith('heliograph_'))) {
      const row = told.find((line) => line.startsWith(`| \`${name.replace(/_(?:bucket|sum|count)$/, '')}\``)) ?? '';
      expect(row.split('|')[2]?.match(/\w+/g) ?? []).toEqual(expect.arrayContaining(asked));
    }
  });

  test('says where the runbook tells what to do', () => {
    const headings = [...sectionOf('Runbook').matchAll(/^### (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings.map((heading) => `docs/operations.md#${heading}`)).toContain(annotations.runbook);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
  });
});

test('a one-time code that is to go out later does not alarm as one that nobody sends', () => {
  const { expr } = RULES.find(({ alert }) => alert === 'OneTimeCodesStop') as Rule;
  const [series] = /heliograph_messages_accepted_total\{.*?\}/.exec(expr) ?? [];
  expect(series).toContain('due="now"');
  expect(scraped).toContain(series?.replace('{', '{channel="SMS",'));
});

test('no metric has a label that Prometheus keeps for itself, and would rename', () => {
  expect(scraped).toMatch(/[{,]queue="/);
  expect(scraped).not.toMatch(/[{,](?:job|instance)="/);
});

test('docs/operations.md tells of every metric of the program, and of no other', () => {
  const told = [...sectionOf('Metrics').matchAll(/^\| `(heliograph_\w+)`/gm)].map(([, name]) => name);
  const own = run.app.core.metrics.registry.getMetricsAsArray().map(({ name }) => name);
  expect(new Set(told)).toEqual(new Set(own.filter((name) => name.startsWith('heliograph_'))));
});
