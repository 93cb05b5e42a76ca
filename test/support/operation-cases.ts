import { given } from './given.js';
import type { World } from './operation-world.js';
import { rowsOf } from './stored.js';

type Variables = Record<string, unknown>;

export interface OperationCase {
  /** Variables of a call that succeeds, with so many of what it takes; anew for each call. */
  given: (world: World, size: number) => Variables | Promise<Variables>;
  /** Statements, with the begin and the end of transactions. */
  atMost: number;
  /** How many objects deep everything is asked for, where all at once would be refused as too much. */
  depth?: number;
  /** What a subscription tells of. */
  happens?: (world: World) => Promise<unknown>;
}

const PAGE = { first: 12 };
const OPTED = { channels: ['SMS'], categories: ['MARKETING'] };
const times = <T>(size: number, make: (index: number) => T): T[] => Array.from({ length: size }, (_, index) => make(index));

const QUERIES: Record<string, OperationCase> = {
  analyzeText: { given: () => ({ text: 'Hello' }), atMost: 1 },
  apiKeys: { given: () => ({}), atMost: 1 },
  auditLog: { given: () => PAGE, atMost: 1 },
  batch: { given: ({ batchId }) => ({ id: batchId }), atMost: 29 },
  batches: { given: () => PAGE, depth: 2, atMost: 14 },
  checkSend: { given: ({ contactId }) => ({ input: { contact: { id: contactId }, channel: 'SMS', category: 'UTILITY' } }), atMost: 8 },
  contact: { given: ({ contactId }) => ({ ref: { id: contactId } }), depth: 3, atMost: 40 },
  contacts: { given: () => PAGE, depth: 2, atMost: 26 },
  conversation: { given: ({ conversationId }) => ({ id: conversationId }), atMost: 40 },
  conversations: { given: () => PAGE, depth: 2, atMost: 29 },
  feedCursor: { given: () => ({}), atMost: 1 },
  forecastBulk: { given: (world, size) => ({ input: bulk(world, size) }), atMost: 8 },
  health: { given: () => ({}), atMost: 3 },
  inboundMessages: { given: () => PAGE, depth: 2, atMost: 8 },
  message: { given: async (world) => ({ id: (await world.newFailed(1))[0] }), atMost: 14 },
  messages: { given: () => PAGE, depth: 2, atMost: 29 },
  preferencePage: { given: async (world) => ({ token: await world.newPageToken() }), atMost: 5 },
  previewTemplate: { given: ({ templateCode }) => ({ input: { code: templateCode } }), atMost: 4 },
  providers: { given: () => ({}), atMost: 1 },
  queues: { given: () => ({}), atMost: 1 },
  statistics: { given: ({ range }) => ({ range }), atMost: 10 },
  template: { given: ({ templateCode }) => ({ code: templateCode }), atMost: 3 },
  templates: { given: () => ({ search: 'statements' }), atMost: 3 },
  viewer: { given: () => ({}), atMost: 4 },
};

const bulk = (world: World, size: number): Variables => ({
  name: 'Bulk',
  body: 'Hello',
  recipients: times(size, () => ({ to: world.newPhone() })),
});

/** Of contacts and what they agree to. */
const PEOPLE: Record<string, OperationCase> = {
  confirmOptIn: { given: async (world) => ({ input: { token: await world.newOptIn() } }), depth: 3, atMost: 30 },
  createPreferenceLink: { given: ({ contactId }) => ({ input: { contact: { id: contactId } } }), atMost: 8 },
  eraseContact: { given: async (world, size) => ({ contact: { id: await writtenTo(world, size) } }), atMost: 60 },
  exportContact: { given: async (world, size) => ({ contact: { id: await writtenTo(world, size) } }), atMost: 40 },
  grantConsent: { given: async (world) => ({ input: { contact: { id: (await world.newContact()).id }, ...OPTED } }), depth: 3, atMost: 29 },
  removeContactAddress: {
    given: async (world) => {
      const { id, phone } = await world.newContact();
      return { input: { contact: { id }, address: phone } };
    },
    depth: 3,
    atMost: 29,
  },
  requestOptIn: {
    given: async (world) => ({ input: await world.newQuestion() }),
    depth: 3,
    atMost: 60,
  },
  setPreferences: {
    given: (world, size) => ({
      input: {
        contact: { id: world.contactId },
        preferences: times(size, () => ({ topic: world.newName('topic'), channel: 'SMS', enabled: false })),
      },
    }),
    depth: 3,
    atMost: 29,
  },
  updatePreferencePage: {
    given: async (world, size) => ({
      input: {
        token: await world.newPageToken((await world.newContact()).id),
        preferences: times(size, () => ({ topic: world.newName('topic'), channel: 'SMS', enabled: false })),
      },
    }),
    atMost: 24,
  },
  upsertContact: { given: (world) => ({ input: { phone: world.newPhone(), externalId: world.newName('new') } }), depth: 3, atMost: 29 },
  withdrawConsent: {
    given: async (world) => ({ input: { contact: { id: (await world.newContact()).id }, ...OPTED } }),
    depth: 3,
    atMost: 30,
  },
};

async function writtenTo(world: World, size: number): Promise<string> {
  const { id, phone } = await world.newContact();
  await given.batch(world.api, { recipients: times(size, () => ({ to: phone })) });
  await world.writes(phone);
  return id;
}

const MESSAGES: Record<string, OperationCase> = {
  cancelBatch: { given: async (world, size) => ({ id: await world.newBatch(size) }), atMost: 25 },
  cancelMessage: { given: async (world) => ({ id: await world.newMessage() }), atMost: 24 },
  pauseBatch: { given: async (world, size) => ({ id: await world.newBatch(size) }), atMost: 17 },
  refreshMessageStatus: {
    given: async (world) => {
      const [id] = await world.newFailed(1);
      await rowsOf(
        world.run,
        `update messages set status = 'SENT', asked_at = now(), provider = 'simulator', provider_message_id = 'none' where id = '${id}'`,
      );
      return { id };
    },
    atMost: 29,
  },
  resumeBatch: {
    given: async (world, size) => {
      const id = await world.newBatch(size);
      await world.api.mutate('mutation ($id: ID!) { pauseBatch(id: $id) { userErrors { code } } }', { id });
      return { id };
    },
    atMost: 17,
  },
  retryFailedMessages: {
    given: async (world, size) => {
      await world.newFailed(size);
      return { filter: {} };
    },
    atMost: 8,
  },
  retryMessage: { given: async (world) => ({ id: (await world.newFailed(1))[0] }), atMost: 24 },
  sendBulk: { given: (world, size) => ({ input: bulk(world, size) }), atMost: 24 },
  sendMessage: { given: (world) => ({ input: { to: world.newPhone(), body: 'Hello' } }), atMost: 29 },
};

const INBOX: Record<string, OperationCase> = {
  assignConversation: { given: ({ conversationId }) => ({ id: conversationId, assignee: 'Ada' }), atMost: 40 },
  markConversationRead: { given: ({ conversationId }) => ({ id: conversationId }), atMost: 40 },
  reply: { given: ({ conversationId }) => ({ input: { conversationId, body: 'Hello' } }), atMost: 40 },
  resolveInboundReview: { given: async (world) => ({ id: await world.writes(), optOut: false }), atMost: 46 },
  setConversationState: { given: ({ conversationId }) => ({ id: conversationId, state: 'CLOSED' }), atMost: 40 },
};

const SETTINGS: Record<string, OperationCase> = {
  archiveTemplate: { given: async (world) => ({ code: await world.newTemplate() }), atMost: 10 },
  createApiKey: { given: (world) => ({ input: { name: world.newName('key'), role: 'VIEWER' } }), atMost: 6 },
  publishTemplate: { given: async (world) => ({ code: await world.newTemplate(false), version: 1 }), atMost: 14 },
  revokeApiKey: { given: async (world) => ({ id: await world.newKey() }), atMost: 6 },
  saveTemplate: {
    given: (world) => ({ input: { code: world.newName('template'), translations: [{ language: 'en', body: 'Demo: hello' }] } }),
    atMost: 14,
  },
  setBudget: { given: () => ({ input: { period: 'DAY', limit: '100000', currency: 'USD' } }), atMost: 14 },
  setTemplateEnabled: { given: async (world) => ({ code: await world.newTemplate(), enabled: false }), atMost: 10 },
  updateTenant: { given: (world) => ({ input: { name: world.newName('Demo') } }), atMost: 8 },
};

const SUBSCRIPTIONS: Record<string, OperationCase> = {
  batchProgress: { given: ({ batchId }) => ({ id: batchId }), happens: async () => undefined, atMost: 32 },
  conversationUpdated: { given: () => ({}), happens: (world) => world.writes(), atMost: 60 },
  inboundMessageReceived: { given: () => ({}), happens: (world) => world.writes(), atMost: 60 },
  messageStatusChanged: { given: () => ({}), happens: (world) => world.newMessage(), atMost: 40 },
  statisticsUpdated: { given: () => ({}), happens: async () => undefined, atMost: 15 },
};

/** One for each operation of the schema. */
export const OPERATION_CASES: Readonly<Record<string, OperationCase>> = {
  ...QUERIES,
  ...PEOPLE,
  ...MESSAGES,
  ...INBOX,
  ...SETTINGS,
  ...SUBSCRIPTIONS,
};
