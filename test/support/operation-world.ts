import { newId } from '../../src/platform/ids.js';
import { people, REQUEST_OPT_IN, SET_PREFERENCES } from './contacts.js';
import { given } from './given.js';
import type { TestApi } from './gql.js';
import { rowsOf } from './stored.js';
import { saved } from './templates.js';
import type { TestApp } from './test-app.js';

const TEMPLATE = 'statements_main';
const [START, END] = [new Date(Date.now() - 30 * 86_400_000), new Date(Date.now() + 86_400_000)];

/** A tenant with some of everything, and one of each kind that all the others hang on. Both can grow. */
export class World {
  contactId = '';
  conversationId = '';
  batchId = '';
  readonly templateCode = TEMPLATE;
  readonly phone = '+14155620000';
  readonly range = { from: START.toISOString(), to: END.toISOString() };
  private made = 0;

  private constructor(
    readonly run: TestApp,
    readonly api: TestApi,
  ) {}

  static async make(run: TestApp, count: number): Promise<World> {
    const world = new World(run, run.api);
    world.contactId = (await people.contact(run.api, { phone: world.phone, externalId: 'main' })).id;
    const budget = { period: 'DAY', limit: '100000', currency: 'USD' };
    await run.api.mutate('mutation ($input: BudgetInput!) { setBudget(input: $input) { userErrors { code } } }', { input: budget });
    await world.grow(1);
    await world.settle();
    await world.grow(count - 1);
    return world;
  }

  /** So many more of everything. */
  async grow(count: number): Promise<void> {
    const { api } = this;
    this.batchId = (await given.batch(api, { recipients: Array.from({ length: 2 * count }, () => ({ to: this.phone })) })).id;
    for (let made = 0; made < count; made++) {
      await this.aboutSomebody();
      await this.aboutMain();
    }
  }

  /** Makes the newest of what hangs on the main ones alike, whatever happened before. */
  async settle(): Promise<void> {
    const recipients = Array.from({ length: 6 }, () => ({ to: this.phone }));
    await given.batch(this.api, { recipients, template: TEMPLATE, body: null });
  }

  private async aboutSomebody(): Promise<void> {
    const { api, run } = this;
    const phone = this.newPhone();
    const { id } = await people.contact(api, { phone, externalId: this.newName('somebody'), name: 'Somebody' });
    await people.grant(api, { id }, { categories: ['MARKETING'] });
    await api.mutate(SET_PREFERENCES, { input: { contact: { id }, preferences: [{ topic: 'news', channel: 'SMS', enabled: true }] } });
    await given.batch(api, { recipients: [{ to: phone }] });
    const code = this.newName('statements');
    await saved(api, { code, body: 'Demo: hello', publish: true });
    const [first, second] = [await given.message(api, { to: phone }), await given.message(api, { to: phone, template: code, body: null })];
    await rowsOf(run, `update messages set fallback_id = '${second.id}' where id = '${first.id}'`);
    await rowsOf(run, `update messages set fallback_of = '${first.id}' where id = '${second.id}'`);
    await this.writes(phone);
    await this.newKey();
  }

  private async aboutMain(): Promise<void> {
    const { api, phone } = this;
    await given.message(api, { to: phone });
    await this.writes(phone);
    await people.grant(api, { phone }, { categories: ['MARKETING'] });
    await people.withdraw(api, { phone }, { categories: ['MARKETING'] });
    const preferences = [{ topic: this.newName('topic'), channel: 'SMS', enabled: true }];
    await api.mutate(SET_PREFERENCES, { input: { contact: { phone }, preferences } });
    await saved(api, { code: TEMPLATE, body: `Demo: hello ${this.newName('version')}`, publish: true });
    const [conversation] = await rowsOf<{ id: string }>(this.run, `select id from conversations where contact_id = '${this.contactId}'`);
    this.conversationId = conversation?.id ?? '';
  }

  /** Somebody writes to the tenant. Returns the id of what came in, which somebody is to read. */
  async writes(from: string = this.phone): Promise<string> {
    const providerMessageId = this.newName('inbound');
    const message = { channel: 'SMS' as const, from, to: '+14155550199', body: 'Hello', mediaUrls: [], providerMessageId };
    const settle = (): Promise<boolean> => Promise.resolve(true);
    await this.run.app.core.inbox.inbound.receive({ id: newId(), provider: 'simulator', message, receivedAt: new Date(), settle });
    const [row] = await rowsOf<{ id: string }>(
      this.run,
      `update inbound_messages set review = 'NEEDED' where provider_message_id = '${providerMessageId}' returning id`,
    );
    return row?.id ?? '';
  }

  newPhone(): string {
    return `+1415563${String(1000 + ++this.made)}`;
  }

  newName(what: string): string {
    return `${what}_${++this.made}`;
  }

  async newContact(): Promise<{ id: string; phone: string }> {
    const phone = this.newPhone();
    return { id: (await people.contact(this.api, { phone })).id, phone };
  }

  async newMessage(): Promise<string> {
    return (await given.scheduled(this.api)).id;
  }

  /** Dead letters, to be retried. */
  async newFailed(count: number): Promise<string[]> {
    const { id } = await given.batch(this.api, { recipients: Array.from({ length: count }, () => ({ to: this.newPhone() })) });
    const rows = await rowsOf<{ id: string }>(this.run, `update messages set status = 'FAILED' where batch_id = '${id}' returning id`);
    return rows.map((row) => row.id);
  }

  async newBatch(count: number): Promise<string> {
    return (await given.batch(this.api, { recipients: Array.from({ length: count }, () => ({ to: this.newPhone() })) })).id;
  }

  async newTemplate(publish = true): Promise<string> {
    return (await saved(this.api, { code: this.newName('template'), body: 'Demo: hello', publish })).code;
  }

  async newKey(): Promise<string> {
    const { createApiKey } = await this.api.mutate(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }',
      {
        input: { name: this.newName('key'), role: 'VIEWER' },
      },
    );
    return createApiKey.apiKey.id;
  }

  /** May we send them offers? */
  async newQuestion(): Promise<object> {
    const { id } = await this.newContact();
    return { contact: { id }, channel: 'SMS', categories: ['MARKETING'], statement: 'May we?' };
  }

  async newOptIn(): Promise<string> {
    const { requestOptIn } = await this.api.mutate(REQUEST_OPT_IN, { input: await this.newQuestion() });
    return requestOptIn.token;
  }

  async newPageToken(id: string = this.contactId): Promise<string> {
    const { createPreferenceLink } = await this.api.mutate(
      'mutation ($input: CreatePreferenceLinkInput!) { createPreferenceLink(input: $input) { token } }',
      { input: { contact: { id } } },
    );
    return createPreferenceLink.token;
  }
}
