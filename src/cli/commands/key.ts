import { InvalidArgumentError, Option, type Command } from 'commander';
import { Role } from '../../accounts/caller.js';
import type { ApiKey } from '../../accounts/api-key.entity.js';
import { systemCaller } from '../../accounts/system-caller.js';
import { Refusal, UserErrorCode } from '../../errors.js';
import { momentIn } from '../../platform/moment.js';
import { BY, print, tell, withAccounts } from '../session.js';

interface CreateOptions {
  tenant: string;
  name: string;
  role: Role;
  expires?: Date;
}

function readTime(value: string): Date {
  const time = momentIn(value);
  if (!time) throw new InvalidArgumentError('Expected a date or a time, e.g. 2027-01-31 or 2027-01-31T12:00:00Z.');
  return time;
}

const describe = ({ id, prefix, name, role, revokedAt }: ApiKey): string =>
  `${id}  ${prefix}…  ${role}  ${name}${revokedAt ? '  (revoked)' : ''}`;

function theOne(keys: ApiKey[]): ApiKey {
  const [key, another] = keys;
  if (!key) throw new Refusal(UserErrorCode.NOT_FOUND, 'No such key: give its id, its beginning as it is shown, or the secret.');
  if (another)
    throw new Refusal(UserErrorCode.CONFLICT, ['Several keys begin like that; give the id of one:', ...keys.map(describe)].join('\n'));
  return key;
}

export function keyCommands(program: Command): void {
  const key = program.command('key').description('keys of the API');
  key
    .command('create')
    .description('make a key, and print its secret: this once')
    .requiredOption('--tenant <slug>', 'whose key')
    .requiredOption('--name <name>', 'stands in the audit log beside what is done with the key')
    .addOption(new Option('--role <role>', 'what the key may do').choices(Object.values(Role)).makeOptionMandatory())
    .option('--expires <time>', 'when it ends, e.g. 2027-01-31; without it, when it is revoked', readTime)
    .action(({ tenant: slug, name, role, expires }: CreateOptions) =>
      withAccounts(async ({ tenants, apiKeys }) => {
        const tenant = await tenants.bySlug(slug);
        const { apiKey, secret } = await apiKeys.create(systemCaller(tenant.id, BY), { name, role, expiresAt: expires });
        tell(describe(apiKey));
        print(secret);
      }),
    );
  key
    .command('revoke')
    .argument('<key>', 'its id, its beginning as it is shown, or the secret itself')
    .description('end a key: requests and sockets with it are refused within seconds')
    .action((asked: string) =>
      withAccounts(async ({ apiKeys }) => {
        // As `describe` shows it.
        const { id, tenantId } = theOne(await apiKeys.matching(asked.replace(/…$/, '')));
        const { apiKey } = await apiKeys.revoke(systemCaller(tenantId, BY), id);
        tell(describe(apiKey));
      }),
    );
}
