import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { Role } from '../../src/accounts/caller.js';
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
  const ask = async (): Promise<unknown> => field.resolve?.(undefined, {}, { caller: null }, {} as never);
  await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
});

test.each(operations.filter(([, field]) => field.subscribe))('%s refuses to subscribe whoever has not signed in', async (_name, field) => {
  const ask = async (): Promise<unknown> => field.subscribe?.(undefined, {}, { caller: null }, {} as never);
  await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
});
