import { readFile } from 'node:fs/promises';
import {
  astFromValue,
  buildSchema,
  findBreakingChanges,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  print,
  printSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildApiSchema } from '../../src/app/build-schema.js';
import { RESOLVERS } from '../../src/app/resolvers.js';

let contract: GraphQLSchema;
let emitted: GraphQLSchema;

describe('the public contract', () => {
  beforeAll(async () => {
    contract = buildSchema(await readFile('schema/contract.graphql', 'utf8'));
    emitted = await buildApiSchema({ resolvers: [...RESOLVERS] });
  });

  test('stands in the schema as it was promised, to the last argument and default', () => {
    expect(breaches(contract, emitted)).toEqual([]);
  });

  test.each([
    ['a field that is gone', '  cancelMessage(id: ID!): MessagePayload!\n', '', 'Mutation.cancelMessage(id: ID!): MessagePayload!'],
    ['a value that is gone', '  UNCONFIRMED\n', '', 'enum MessageStatus.UNCONFIRMED'],
    ['a field that may be null now', '  attempts: Int!', '  attempts: Int', 'type Message.attempts: Int!'],
    ['a field that was null where it had a meaning', '  body: String\n', '  body: String!\n', 'type Message.body: String'],
    ['another default', 'channels: [Channel!]! = [SMS]', 'channels: [Channel!]! = [EMAIL]', 'channels: [Channel!]! = [SMS]'],
    ['an argument that is gone', 'messageIds: [ID!]', 'ids: [ID!]', 'Subscription.messageStatusChanged(messageIds: [ID!]'],
    ['a new input that must be given', 'input BulkRecipientInput {', 'input BulkRecipientInput {\n  code: ID!', 'required field code'],
  ])('%s is noticed', (_what, was, is, breach) => {
    const sdl = printSchema(contract);
    expect(sdl).toContain(was);
    expect(breaches(contract, buildSchema(sdl.replaceAll(was, is))).join('\n')).toContain(breach);
  });
});

/** Lines of the contract that the schema lacks, and additions to it that clients of the contract would fail on. */
function breaches(promised: GraphQLSchema, actual: GraphQLSchema): string[] {
  const present = new Set(linesOf(actual));
  const changed = linesOf(promised).filter((line) => !present.has(line));
  return [...changed, ...findBreakingChanges(promised, actual).map(({ description }) => description)];
}

/** Everything that a client can name, a line each, with types, arguments and defaults. */
function linesOf(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type));
  return types.flatMap(membersOf);
}

function membersOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => `enum ${type.name}.${name}`);
  if (isUnionType(type)) return type.getTypes().map(({ name }) => `union ${type.name} | ${name}`);
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => `input ${type.name}.${inputLine(field)}`);
  if (!isObjectType(type) && !isInterfaceType(type)) return [`scalar ${type.name}`];
  return Object.values(type.getFields()).flatMap(({ name, type: result, args }) => [
    `type ${type.name}.${name}: ${String(result)}`,
    ...args.map((arg) => `${type.name}.${name}(${inputLine(arg)}): ${String(result)}`),
  ]);
}

function inputLine({ name, type, defaultValue }: GraphQLArgument | GraphQLInputField): string {
  const value = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return `${name}: ${String(type)}${value ? ` = ${print(value)}` : ''}`;
}
