import 'reflect-metadata';
import { defaultFieldResolver, GraphQLSchema } from 'graphql';
import { buildSchema, type NonEmptyArray } from 'type-graphql';
import type { RequestContext } from '../graphql/context.js';
import { checkRights } from '../graphql/rights.js';
import { CalendarDate, DateTime, Decimal, JSONObject, Locale, TimeZone } from '../graphql/scalars.js';
import '../graphql/vocabulary.js';

/** Scalars of the contract that no field uses yet. */
const SCALARS = [CalendarDate, DateTime, Decimal, JSONObject, Locale, TimeZone];

/** Our subscriptions bring their own streams (the `subscribe` option); TypeGraphQL insists on a hub nevertheless. */
const NO_HUB = {
  publish: (): never => {
    throw new Error('Publish through the feed of the feature.');
  },
  subscribe: (): never => {
    throw new Error('A subscription needs the option `subscribe`.');
  },
};

/** The instances behind the resolver classes. */
export type Resolvers = ReadonlyMap<unknown, object>;

export const instanceOf =
  (resolvers: Resolvers) =>
  <T>(type: abstract new (...args: never[]) => T): T => {
    const instance = resolvers.get(type);
    if (!instance) throw new Error(`No instance of the resolver ${type.name} was made.`);
    return instance as T;
  };

/** Says in the description of each operation who may use it, from the declaration that is enforced. */
function nameRoles(schema: GraphQLSchema): void {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const field of Object.values(type?.getFields() ?? {})) {
      const roles = field.extensions['rights'] as readonly string[] | undefined;
      if (roles) field.description = [field.description?.replace(/\.$/, ''), `Roles: ${roles.join(', ')}`].filter(Boolean).join('. ');
    }
}

/** Mutations of one operation run one after the other: what was loaded to answer the one before may be changed by the next. */
function loadAnew(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = (root, args, context: RequestContext, info) => {
      context.loaders.clear();
      return resolve(root, args, context, info);
    };
  }
}

/** `instances` may be left out where only the SDL is wanted. */
export async function buildApiSchema(options: { resolvers: NonEmptyArray<Function>; instances?: Resolvers }): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: options.resolvers,
    container: { get: instanceOf(options.instances ?? new Map()) as never },
    authChecker: checkRights,
    scalarsMap: [{ type: Date, scalar: DateTime }],
    validate: false,
    pubSub: NO_HUB,
  });
  nameRoles(schema);
  loadAnew(schema);
  const config = schema.toConfig();
  const missing = SCALARS.filter(({ name }) => !schema.getType(name));
  return new GraphQLSchema({ ...config, types: [...config.types, ...missing] });
}
