import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CONFIG = resolve('.dependency-cruiser.cjs');
const RULES = (createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] }).forbidden.map(({ name }) => name);

/** Rule, the file that breaks it, what it imports: a file of the tree, or a package. */
const BREACHES: [string, string, string][] = [
  ['no-circular', 'src/messages/a.ts', 'src/messages/b.ts'],
  ['layer-1-imports-leftwards', 'src/accounts/tenant.ts', 'src/messages/message.ts'],
  ['layer-2-imports-leftwards', 'src/consent/gate.ts', 'src/messages/message.ts'],
  ['layer-3-imports-leftwards', 'src/messages/send.ts', 'src/delivery/lane.ts'],
  ['layer-4-imports-leftwards', 'src/otp/code.ts', 'src/statistics/totals.ts'],
  ['core-knows-no-transport', 'src/messages/uses-library.ts', 'fastify'],
  ['core-knows-no-transport', 'src/messages/uses-own-edge.ts', 'src/messages/graphql/type.ts'],
  ['core-knows-no-transport', 'src/messages/uses-kit.ts', 'src/graphql/connection.ts'],
  ['core-knows-no-transport', 'src/messages/uses-queue.ts', 'src/platform/queue/queue.ts'],
  ['meaning-knows-no-transport', 'src/templates/lint/uses-edge.ts', 'src/templates/graphql/type.ts'],
  ['subfolders-are-private', 'src/delivery/http/routes.ts', 'src/messages/graphql/type.ts'],
  ['only-types-of-the-schema-meet', 'src/delivery/graphql/field.ts', 'src/messages/graphql/message.resolver.ts'],
  ['only-types-of-the-schema-meet', 'src/delivery/graphql/field.ts', 'src/messages/http/intake.ts'],
  ['subfolders-meet-at-the-root', 'src/delivery/http/receipts.ts', 'src/delivery/jobs/worker.ts'],
  ['providers-know-only-themselves', 'src/delivery/providers/twilio/send.ts', 'src/delivery/providers/simulator/carrier.ts'],
  ['provider-sdks-stay-in-their-folder', 'src/delivery/send.ts', 'twilio'],
  ['platform-knows-no-feature', 'src/platform/http/server.ts', 'src/accounts/caller.ts'],
  ['platform-knows-no-feature', 'src/platform/http/words.ts', 'src/vocabulary.ts'],
  ['graphql-kit-knows-no-feature', 'src/graphql/rights.ts', 'src/accounts/caller.ts'],
  ['config-is-passed-in', 'src/delivery/pace.ts', 'src/config.ts'],
  ['root-files-know-no-folder', 'src/errors.ts', 'src/platform/clock.ts'],
  ['only-app-wires', 'src/messages/graphql/resolver.ts', 'src/app/build-app.ts'],
  ['src-stands-alone', 'src/messages/tested.ts', 'test/support/given.ts'],
  ['pages-know-no-source', 'dashboard/page.ts', 'src/vocabulary.ts'],
  ['no-development-dependencies', 'src/platform/logging/logger.ts', 'vitest'],
  ['no-undeclared-packages', 'src/platform/ids.ts', 'stray'],
  ['no-missing-files', 'src/platform/gone.ts', './not-there.js'],
];

/** The file, what it may import, and how, where that matters. */
const ALLOWED: [string, string, 'type'?][] = [
  ['src/messages/service.ts', 'src/consent/policy.ts'],
  ['src/inbox/meant.ts', 'src/consent/keywords/words.ts'],
  ['src/templates/published.ts', 'src/templates/lint/rules.ts'],
  ['src/messages/stored.ts', 'src/platform/database/rows.ts'],
  ['src/messages/refused.ts', 'src/refusal.ts'],
  ['src/messages/graphql/inputs.ts', 'src/graphql/connection.ts'],
  ['src/messages/graphql/outputs.ts', 'type-graphql'],
  ['src/delivery/graphql/outputs.ts', 'src/messages/graphql/message.types.ts'],
  ['src/delivery/http/intake.ts', 'src/messages/message.ts'],
  ['src/delivery/providers/twilio/client.ts', 'twilio'],
  ['src/platform/embedded/start.ts', 'src/config.ts'],
  ['src/delivery/settings.ts', 'src/config.ts', 'type'],
  ['src/app/build-http.ts', 'src/delivery/http/intake.ts'],
  ['src/main.ts', 'src/app/build-app.ts'],
  ['test/flow/story.test.ts', 'src/app/build-app.ts'],
];

const PACKAGES = { dependencies: ['fastify', 'twilio', 'type-graphql'], devDependencies: ['vitest'] };

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

let tree: string;
let violations: Violation[];

describe('import rules', () => {
  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'import-rules-'));
    await plantTree();
    violations = await cruise();
  });
  afterAll(() => rm(tree, { recursive: true, force: true }));

  test('every rule has a planted breach', () => {
    expect([...new Set(BREACHES.map(([rule]) => rule))].toSorted()).toEqual(RULES.toSorted());
  });

  test.each(BREACHES)('%s catches %s importing %s', (rule, from, to) => {
    const target = to.includes('/') ? to : `node_modules/${to}/index.js`;
    expect(violations).toContainEqual(expect.objectContaining({ rule: expect.objectContaining({ name: rule }), from, to: target }));
  });

  test.each(ALLOWED)('%s may import %s', (from) => {
    expect(violations.filter((violation) => violation.from === from)).toEqual([]);
  });
});

async function plantTree(): Promise<void> {
  const files = new Map<string, string>();
  const write = (file: string, line: string) => files.set(file, (files.get(file) ?? '') + line);
  for (const [, from, to] of [...BREACHES, ['', 'src/messages/b.ts', 'src/messages/a.ts']])
    write(from!, `import '${specifier(from!, to!)}';\n`);
  for (const [from, to, kind] of ALLOWED) write(from, `import ${kind ? 'type {} from ' : ''}'${specifier(from, to)}';\n`);
  for (const [, to] of [...BREACHES.map(([, ...edge]) => edge), ...ALLOWED]) if (isFile(to)) write(to, '');
  for (const [file, text] of files) await plant(file, text);
  await plantPackages();
  await plant('tsconfig.json', '{ "compilerOptions": { "module": "nodenext" } }');
}

async function plantPackages(): Promise<void> {
  const { dependencies, devDependencies } = PACKAGES;
  for (const name of [...dependencies, ...devDependencies, 'stray']) {
    await plant(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    await plant(`node_modules/${name}/index.js`, '');
  }
  const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  await plant('package.json', JSON.stringify({ dependencies: versions(dependencies), devDependencies: versions(devDependencies) }));
}

const isFile = (target: string): boolean => /^(?:src|test)\//.test(target);

function specifier(from: string, to: string): string {
  if (!isFile(to)) return to;
  const path = relative(dirname(from), to).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

async function plant(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true });
  await writeFile(join(tree, file), text);
}

/** As `npm run check` does it, in the planted tree. */
function cruise(): Promise<Violation[]> {
  const command = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [command, '--config', CONFIG, '--output-type', 'json', 'src', 'test', 'dashboard'];
  return new Promise((done, fail) => {
    // The exit code counts the breaches, so it is no sign of failure here.
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      if (stdout === '') return fail(error ?? new Error('No output.'));
      done((JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations);
    });
  });
}
