import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

/** Text arguments that name an object as well: cursors, and the subjects of the audit log. */
const TEXTS = new Set(['after', 'before', 'subject']);

/** One place where a caller writes an id: `messages.filter.batchId`. */
export interface IdPlace {
  name: string;
  /** Query, Mutation or Subscription, or the type whose field it is. */
  owner: string;
  field: GraphQLField<unknown, unknown>;
  argument: GraphQLArgument;
  /** Fields of the input below the argument. */
  path: string[];
}

/** All of them, found by walking the schema. */
export function idPlaces(schema: GraphQLSchema): IdPlace[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__'),
  ) as GraphQLObjectType[];
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return types.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      field.args.flatMap((argument) =>
        pathsIn(argument.type, argument.name).map((path): IdPlace => {
          const prefix = roots.includes(type) ? [] : [type.name];
          return { name: [...prefix, field.name, argument.name, ...path].join('.'), owner: type.name, field, argument, path };
        }),
      ),
    ),
  );
}

function pathsIn(type: GraphQLInputType, name: string, seen: readonly string[] = []): string[][] {
  const named = getNamedType(type);
  if (named.name === 'ID' || (named.name === 'String' && TEXTS.has(name) && seen.length === 0)) return [[]];
  if (!isInputObjectType(named) || seen.includes(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    pathsIn(field.type, field.name, [...seen, named.name]).map((path) => [field.name, ...path]),
  );
}

/** What to give for required arguments beside the id, by their names. */
const DAY_MS = 86_400_000;
const REQUIRED: Record<string, unknown> = {
  range: { from: new Date(Date.now() - DAY_MS).toISOString(), to: new Date(Date.now() + DAY_MS).toISOString() },
};

/** An operation that gives `id` there. `reach` leads to the place from the root, for fields of other types: `batch(id: "…")`. */
export function operationAt(
  { owner, field, argument, path }: IdPlace,
  id: string,
  reach?: string,
): { document: string; variables: Record<string, unknown> } {
  const given = field.args.filter((arg) => arg === argument || isRequiredArgument(arg));
  const variables = Object.fromEntries(
    given.map((arg) => [arg.name, arg === argument ? valueAt(arg.type, path, id) : (REQUIRED[arg.name] ?? sampleOf(arg.type))]),
  );
  const kind = owner === 'Mutation' || owner === 'Subscription' ? owner.toLowerCase() : 'query';
  const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const call = `${field.name}(${given.map(({ name }) => `${name}: $${name}`).join(', ')}) ${selectionOf(field.type)}`;
  return { document: `${kind} (${declared}) { ${reach ? `${reach} { ${call} }` : call} }`, variables };
}

function valueAt(type: GraphQLInputType, [name, ...rest]: readonly string[], id: string): unknown {
  if (isNonNullType(type)) return valueAt(type.ofType, name === undefined ? [] : [name, ...rest], id);
  if (isListType(type)) return [valueAt(type.ofType, name === undefined ? [] : [name, ...rest], id)];
  if (name === undefined || !isInputObjectType(type)) return id;
  const fields = Object.values(type.getFields());
  const others = fields.filter((field) => field.name !== name && (isRequiredInputField(field) || field.name === 'body'));
  const field = type.getFields()[name];
  return {
    ...Object.fromEntries(others.map((other) => [other.name, sampleOf(other.type)])),
    [name]: field && valueAt(field.type, rest, id),
  };
}

/** What a field takes that must be there, whatever it says. */
function sampleOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType);
  if (isListType(type)) return [sampleOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(required.map((field) => [field.name, sampleOf(field.type)]));
  }
  return type.name === 'Boolean' ? true : type.name === 'Locale' ? 'en' : 'sample';
}

/** Its leaves, and those of the objects right below it. */
function selectionOf(type: GraphQLOutputType, levels = 2): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).filter(({ args }) => !args.some(isRequiredArgument));
  const selected = fields.flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name];
    const inner = levels > 1 ? selectionOf(field.type, levels - 1) : '';
    return inner ? [`${field.name} ${inner}`] : [];
  });
  return selected.length > 0 ? `{ ${selected.join(' ')} }` : '';
}
