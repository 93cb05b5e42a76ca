import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { systemCaller } from '../../accounts/system-caller.js';
import { installLibrary } from '../../templates/library-install.js';
import type { Imported } from '../../templates/template-transfer.js';
import { refuseFile } from '../file-fault.js';
import { BY, print, tell, withCore } from '../session.js';

const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path);

async function read(source: string): Promise<{ name: string; text: string }[]> {
  const isDirectory = (await stat(source)).isDirectory();
  const paths = isDirectory
    ? (await readdir(source))
        .filter(isYaml)
        .toSorted()
        .map((name) => join(source, name))
    : [source];
  return Promise.all(paths.map(async (path) => ({ name: isDirectory ? basename(path) : path, text: await readFile(path, 'utf8') })));
}

async function write(target: string, files: readonly { code: string; yaml: string }[]): Promise<void> {
  if (isYaml(target)) return writeFile(target, files.map(({ yaml }) => yaml).join('---\n'));
  await mkdir(target, { recursive: true });
  await Promise.all(files.map(({ code, yaml }) => writeFile(join(target, `${code}.yaml`), yaml)));
}

const describe = ({ code, outcome, version, published }: Imported): string =>
  `${code}: ${outcome}${outcome === 'unchanged' ? '' : `, version ${version}`}${published ? ', published' : ''}`;

async function importFrom(
  source: string,
  { tenant: slug, publish, dryRun }: { tenant: string; publish: boolean; dryRun: boolean },
): Promise<void> {
  await withCore(async ({ accounts, templates }) => {
    const files = await read(source).catch((error: unknown) => refuseFile(error, source));
    const tenant = await accounts.tenants.bySlug(slug);
    const imported = await templates.transfer.import(systemCaller(tenant.id, BY), files, { publish, rehearse: dryRun });
    for (const one of imported) print(describe(one));
    tell(dryRun ? `${imported.length} templates would be imported: nothing was stored.` : `${imported.length} templates are imported.`);
  });
}

export function templateCommands(program: Command): void {
  const template = program.command('template').description('texts that are sent by a code');
  template
    .command('export')
    .argument('<target>', 'a directory, for a file each; or one file, named .yaml')
    .option('--tenant <slug>', 'whose', 'demo')
    .description('write the templates as YAML: what sends use, or the newest draft')
    .action((target: string, { tenant: slug }: { tenant: string }) =>
      withCore(async ({ accounts, templates }) => {
        const tenant = await accounts.tenants.bySlug(slug);
        const files = await templates.transfer.export(systemCaller(tenant.id, BY));
        await write(target, files).catch((error: unknown) => refuseFile(error, target));
        tell(`${files.length} templates are in ${target}.`);
      }),
    );
  template
    .command('import')
    .argument('<source>', 'a directory of .yaml files, or one file')
    .option('--tenant <slug>', 'whose', 'demo')
    .option('--publish', 'publish what is new or changed', false)
    .option('--dry-run', 'only say what would happen', false)
    .description('make templates, and new versions of changed ones, from YAML: all of it, or nothing when anything is wrong')
    .action(importFrom);
  template
    .command('install-library')
    .option('--tenant <slug>', 'whose; without it, of all tenants')
    .description('add the shipped templates that a tenant does not have; every start does so')
    .action(({ tenant: slug }: { tenant?: string }) =>
      withCore(async ({ accounts, db }) => {
        const tenant = slug === undefined ? null : await accounts.tenants.bySlug(slug);
        tell(`${await installLibrary(db.sql, tenant?.id ?? null)} templates were added.`);
      }),
    );
}
