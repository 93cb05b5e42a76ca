import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConsentSource } from '../../src/consent/consent.row.js';
import { Intent } from '../../src/consent/intent.js';
import { AutomaticAnswer, InboundReview } from '../../src/inbox/inbound.row.js';
import { PolicyRule } from '../../src/consent/policy-gate.js';
import { CircuitState } from '../../src/delivery/circuit.js';
import { SIMULATOR_NUMBERS } from '../../src/delivery/providers/simulator/simulator-outcomes.js';
import { AppError, ErrorCode, UserErrorCode } from '../../src/errors.js';
import { Ending } from '../../src/graphql/socket-connection.js';
import { ErrorKind } from '../../src/messages/delivery-error.js';
import { Settings } from '../../src/settings.js';
import { LintCode } from '../../src/templates/lint/lint-input.js';

const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md').toSorted()];
const DECISIONS = readdirSync('docs/decisions').filter((name) => /^\d/.test(name));

/** Named in the docs and not in the repository. */
const MADE_LATER = new Set(['.env', '.heliograph']);

const read = (path: string): string => readFileSync(path, 'utf8');
const withoutCode = (text: string): string => text.replace(/^( *)```.*?^\1```$/gms, '');

/** The cells of the tables' rows, without their heads. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\|.*\|$\n^\|[ :|-]+\|$\n((?:^\|.*\|$\n?)+)/gm)].flatMap(([, body = '']) =>
    body
      .trim()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
  );

const section = (page: string, title: string): string =>
  read(page)
    .split(/^## /m)
    .find((part) => part.startsWith(title)) ?? '';
const firstCells = (title: string): string[] => rowsOf(section('docs/errors.md', title)).map(([cell = '']) => cell);

/** As GitHub makes the anchors of headings. */
const anchorsOf = (page: string): string[] =>
  [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

describe('docs/errors.md', () => {
  test('has an entry for every code of userErrors, and no other', () => {
    expect(firstCells('`userErrors`').toSorted()).toEqual(Object.values(UserErrorCode).toSorted());
  });

  test('has an entry for every code of errors with its HTTP status, and no other', () => {
    const entries = rowsOf(section('docs/errors.md', 'GraphQL and HTTP errors')).map(([code, status]) => [code, Number(status)]);
    const codes = Object.values(ErrorCode).map((code) => [code, new AppError(code, '').httpStatus]);
    expect(Object.fromEntries(entries)).toEqual(Object.fromEntries(codes));
  });

  test('has an entry for every kind of delivery error, and no other', () => {
    expect(firstCells('Delivery errors').toSorted()).toEqual(Object.values(ErrorKind).toSorted());
  });

  test('has an entry for every code that closes a socket', () => {
    const codes = Object.values(Ending).map(([code]) => String(code));
    expect(firstCells('Socket close codes')).toEqual(expect.arrayContaining(codes));
  });
});

describe('docs/simulator.md', () => {
  test('tells of each number what the simulator does with it', () => {
    const told = rowsOf(read('docs/simulator.md')).map(([number = '', meaning]) => [number.replaceAll('`', ''), meaning]);
    expect(told).toEqual(SIMULATOR_NUMBERS.map(({ number, meaning }) => [number, meaning]));
  });
});

describe('docs/ARCHITECTURE.md', () => {
  test('gives every folder of src a purpose', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const told = [...read('docs/ARCHITECTURE.md').matchAll(/^ {2}([\w-]+)\/ {2,}\S/gm)].map(([, name = '']) => name);
    expect(told).toEqual(expect.arrayContaining(folders.map(({ name }) => name)));
  });
});

describe('docs/operations.md', () => {
  test('sizes by rows that docs/performance.md has', () => {
    const measured = rowsOf(read('docs/performance.md')).map(([what = '']) => what);
    const named = rowsOf(section('docs/operations.md', 'Sizing')).map(([, row = '']) => row.replaceAll('`', ''));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((row) => !row.startsWith('none: ') && !measured.some((what) => what.startsWith(row)))).toEqual([]);
  });
});

describe('docs/decisions', () => {
  test('are numbered without a gap', () => {
    expect(DECISIONS.map((name) => Number(name.slice(0, 4))).toSorted((a, b) => a - b)).toEqual(DECISIONS.map((_, index) => index + 1));
  });

  test.each(DECISIONS)('%s says what, why and what was given up, in at most 25 lines', (name) => {
    const text = read(join('docs/decisions', name));
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
    expect(text).toMatch(/^# .+\n\n[^]+\*\*Why\.\*\*[^]+\*\*Given up\.\*\*[^]+Where: /);
  });

  test('give a reason for every dependency, and for nothing else', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    const [told = ''] = read('docs/decisions/dependencies.md').split('## Looked at and not taken');
    const named = rowsOf(told).flatMap(([names = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    expect(named.toSorted()).toEqual(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).toSorted());
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  test('has links that lead somewhere', () => {
    const links = [...withoutCode(text).matchAll(/\]\(((?!\w+:)[^)]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path ? join(dirname(page), path) : page;
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('names files that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|scripts|schema|playground|docs|\.ci)\/[^`\s<*]*|\.[a-z][\w.-]+)[`<*]/g)].map(
      ([, path = '']) => path,
    );
    expect(named.filter((path) => !MADE_LATER.has(path) && !existsSync(path))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names settings and codes that exist', () => {
    const known = new Set(
      [
        Settings.shape,
        UserErrorCode,
        ErrorCode,
        ErrorKind,
        PolicyRule,
        CircuitState,
        ConsentSource,
        LintCode,
        Intent,
        AutomaticAnswer,
        InboundReview,
        { API_KEY: 0 },
      ].flatMap(Object.keys),
    );
    const named = [...text.matchAll(/\b[A-Z][A-Z\d]+(?:_[A-Z\d]+)+\b|(?<=[` ])[A-Z]{4,}(?==)/g)].map(([name]) => name);
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  });
});
