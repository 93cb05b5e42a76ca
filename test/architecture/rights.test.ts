import { getNamedType, isObjectType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { Role } from '../../src/accounts/caller.js';
import { READERS } from '../../src/accounts/rights.js';
import { buildApiSchema } from '../../src/app/build-schema.js';
import { RESOLVERS } from '../../src/app/resolvers.js';

const schema: GraphQLSchema = await buildApiSchema({
  resolvers: [...RESOLVERS],
  instances: new Map(RESOLVERS.map((type) => [type, {}])),
});

const operations: [string, GraphQLField<unknown, unknown>][] = [
  schema.getQueryType(),
  schema.getMutationType(),
  schema.getSubscriptionType(),
]
  .filter((type): type is GraphQLObjectType => Boolean(type))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field): [string, GraphQLField<unknown, unknown>] => [`${type.name}.${field.name}`, field]),
  );

const { ADMIN, OPERATOR, SENDER, VIEWER } = Role;

/** Who may do what, written down a second time: a right that slips is seen here. */
const ALLOWED: [Role[], string][] = [
  [[ADMIN], 'apiKeys auditLog createApiKey revokeApiKey updateTenant setBudget exportContact eraseContact'],
  [
    [ADMIN, OPERATOR],
    `retryFailedMessages refreshMessageStatus saveTemplate publishTemplate setTemplateEnabled archiveTemplate
     reply markConversationRead assignConversation setConversationState resolveInboundReview
     upsertContact removeContactAddress grantConsent withdrawConsent requestOptIn setPreferences createPreferenceLink`,
  ],
  [
    [ADMIN, OPERATOR, SENDER],
    `sendMessage sendBulk forecastBulk cancelMessage retryMessage pauseBatch resumeBatch cancelBatch
     confirmOptIn preferencePage updatePreferencePage`,
  ],
  [
    [ADMIN, OPERATOR, VIEWER],
    `messages batches statistics providers queues contact contacts conversation conversations inboundMessages
     feedCursor messageStatusChanged batchProgress statisticsUpdated inboundMessageReceived conversationUpdated`,
  ],
  [[ADMIN, OPERATOR, SENDER, VIEWER], 'viewer health message batch checkSend analyzeText template templates previewTemplate'],
];

test('every operation is for the roles that it is meant for', () => {
  const declared = operations.map(([, { name, extensions }]) => [name, (extensions['rights'] as Role[]).toSorted()]);
  const meant = ALLOWED.flatMap(([roles, names]) => names.split(/\s+/).map((name) => [name, roles.toSorted()] as const));
  expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(meant));
});

const ROOTS = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);

/** Whoever may change something is answered with the person, the batch or the tenant, and a sender does that without seeing more. */
test('below the operations, lists of what was written and said, and what was spent, are for readers', () => {
  const lists = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter((type) => !ROOTS.has(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => [type.name, field] as const))
    .filter(([, field]) => /(Connection|ConsentEvent|Budget)$/.test(getNamedType(field.type).name))
    .map(([type, { name, extensions }]) => [`${type}.${name}`, extensions['rights']]);
  expect(Object.fromEntries(lists)).toEqual({
    'Batch.messages': READERS,
    'Contact.messages': READERS,
    'Contact.consentHistory': READERS,
    'Contact.conversations': READERS,
    'Conversation.entries': READERS,
    'Tenant.budgets': READERS,
  });
});

test('there are operations', () => {
  expect(operations.length).toBeGreaterThan(5);
});

test.each(operations)('%s declares who may use it', (_name, field) => {
  const rights = field.extensions['rights'];
  expect(rights).toBeInstanceOf(Array);
  expect(rights).not.toEqual([]);
  for (const role of rights as string[]) expect(Object.values(Role)).toContain(role);
  // What a role below may do, an administrator may do.
  expect(rights).toContain(Role.ADMIN);
});

test.each(operations)('%s refuses whoever has not signed in', async (_name, field) => {
  const ask = async (): Promise<unknown> => field.resolve?.(undefined, {}, { caller: null, loaders: new Map() }, {} as never);
  await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
});

test.each(operations.filter(([, field]) => field.subscribe))('%s refuses to subscribe whoever has not signed in', async (_name, field) => {
  const ask = async (): Promise<unknown> => field.subscribe?.(undefined, {}, { caller: null, loaders: new Map() }, {} as never);
  await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
});
