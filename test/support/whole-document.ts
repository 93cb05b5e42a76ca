import {
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLUnionType,
} from 'graphql';

const ROOTS = ['Query', 'Mutation', 'Subscription'] as const;
/** How much of what hangs on the answer is asked for: so many objects deep, and of each list with pages so many. */
export interface Extent {
  depth: number;
  page: number;
}

export interface Operation {
  kind: (typeof ROOTS)[number];
  field: GraphQLField<unknown, unknown>;
}

/** All that the schema has, by name. */
export function operationsOf(schema: GraphQLSchema): Map<string, Operation> {
  const types = { Query: schema.getQueryType(), Mutation: schema.getMutationType(), Subscription: schema.getSubscriptionType() };
  return new Map(
    ROOTS.flatMap((kind) => Object.values(types[kind]?.getFields() ?? {}).map((field) => [field.name, { kind, field }] as const)),
  );
}

/** Asks for everything that hangs on the answer; of a type that it hangs on itself, only for the plain fields. */
export function wholeDocument({ kind, field }: Operation, given: object, extent: Extent): string {
  const used = field.args.filter(({ name }) => name in given);
  const declared = used.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = used.map(({ name }) => `${name}: $${name}`).join(', ');
  const inBrackets = (text: string): string => (text ? `(${text})` : '');
  return `${kind.toLowerCase()} ${inBrackets(declared)} { ${field.name}${inBrackets(passed)} ${selectionOf(field.type, [], extent)} }`;
}

function selectionOf(type: GraphQLOutputType, above: readonly string[], extent: Extent): string {
  const named = getNamedType(type);
  if (isUnionType(named)) {
    const parts = named.getTypes().map((one) => `... on ${one.name} ${fieldsOf(one, above, extent, sharedOtherwise(named))}`);
    return `{ ${parts.join(' ')} }`;
  }
  return isObjectType(named) ? fieldsOf(named, above, extent) : '';
}

function fieldsOf(type: GraphQLObjectType, above: readonly string[], extent: Extent, without: ReadonlySet<string> = new Set()): string {
  const isEnd = above.includes(type.name) || above.filter((name) => !name.endsWith('Connection')).length >= extent.depth;
  const fields = Object.values(type.getFields()).filter(
    ({ name, args }) => name !== 'edges' && !without.has(name) && !args.some(isRequiredArgument),
  );
  const selected = fields.flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name];
    const inner = isEnd ? '' : selectionOf(field.type, [...above, type.name], extent);
    return inner ? [`${field.name}${field.args.some(({ name }) => name === 'first') ? `(first: ${extent.page})` : ''} ${inner}`] : [];
  });
  return selected.length > 0 ? `{ ${selected.join(' ')} }` : '';
}

/** Fields that the members of a union have with different types: they cannot be asked for together. */
function sharedOtherwise(union: GraphQLUnionType): Set<string> {
  const fields = union.getTypes().flatMap((type) => Object.values(type.getFields()));
  const types = Map.groupBy(fields, ({ name }) => name);
  return new Set([...types].filter(([, same]) => new Set(same.map(({ type }) => String(type))).size > 1).map(([name]) => name));
}
