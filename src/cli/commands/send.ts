import { Option, type Command } from 'commander';
import { systemCaller } from '../../accounts/system-caller.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import { BY, print, tell, withCore } from '../session.js';

interface SendOptions {
  tenant: string;
  to: string;
  body: string;
  channel: Channel;
  category: MessageCategory;
}

export function sendCommand(program: Command): void {
  program
    .command('send')
    .description('accept a message, and print its id; a running Heliograph delivers it')
    .requiredOption('--to <number>', 'whom to send to, e.g. +14155550100')
    .requiredOption('--body <text>', 'what to send')
    .option('--tenant <slug>', 'who sends', 'demo')
    .addOption(new Option('--channel <channel>', 'how').choices(Object.values(Channel)).default(Channel.SMS))
    .addOption(new Option('--category <category>', 'what for').choices(Object.values(MessageCategory)).default(MessageCategory.UTILITY))
    .action(({ tenant: slug, to, body, channel, category }: SendOptions) =>
      withCore(async ({ accounts, sending }) => {
        const tenant = await accounts.tenants.bySlug(slug);
        const input = { ...NOTHING_ELSE, to, body, category, channels: [channel] };
        const { message } = await sending.send(systemCaller(tenant.id, BY), input);
        if (!message) return;
        tell(`The message is ${message.status}.`);
        print(message.id);
      }),
    );
}

const NOTHING_ELSE = {
  contactId: null,
  externalId: null,
  fallbackAfterSeconds: null,
  language: null,
  mediaUrls: [],
  topic: null,
  sendAt: null,
  expiresAt: null,
  reference: null,
  idempotencyKey: null,
  provider: null,
  immediate: false,
};
