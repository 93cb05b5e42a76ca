import {
  GraphQLError,
  GraphQLList,
  GraphQLNonNull,
  OperationTypeNode,
  getOperationAST,
  isInputObjectType,
  isIntrospectionType,
  isNonNullType,
  typeFromAST,
  type DocumentNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
// Not the package's main entry: its ESM build loads a second copy of graphql, and in production then counts nothing.
import { fieldExtensionsEstimator, getComplexity, type ComplexityEstimator } from 'graphql-query-complexity/cjs';
import { ErrorCode } from '../errors.js';
import { DEFAULT_PAGE } from './connection.js';
import { tooComplex, unfoldsTooFar } from './query-limits.js';
import { variableErrors } from './variable-errors.js';

/** How many items a list without paging is taken to have. */
const USUAL_LIST = 10;

/** What the package gives up counting with: nothing else tells it from an argument that does not fit. */
const TOO_MANY_NODES = 'Query exceeds the maximum allowed number of nodes.';

const isList = (type: GraphQLOutputType): boolean => (type instanceof GraphQLNonNull ? type.ofType : type) instanceof GraphQLList;

/** A page costs its size times what one item costs. No field has to declare anything for that. */
const pageEstimator: ComplexityEstimator = ({ field, args, childComplexity }) => {
  if (!field.args.some(({ name }) => name === 'first')) return undefined;
  // What is refused as a size must not pay for the fields beside it, which run all the same.
  return 1 + Math.max(0, Number(args['first'] ?? args['last'] ?? DEFAULT_PAGE)) * childComplexity;
};

const listEstimator: ComplexityEstimator = ({ field, type, childComplexity }) => {
  // The field that returned the connection has been multiplied already; introspection has its own limit.
  const counted = type.name.endsWith('Connection') || isIntrospectionType(type);
  return isList(field.type) && !counted ? 1 + USUAL_LIST * childComplexity : undefined;
};

const plainEstimator: ComplexityEstimator = ({ childComplexity }) => 1 + childComplexity;

export interface Operation {
  document: DocumentNode;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

const badInput = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    originalError: error.originalError,
    extensions: { code: ErrorCode.BAD_USER_INPUT },
  });

const nothingSelected = (operation: OperationDefinitionNode): GraphQLError =>
  new GraphQLError('The subscription leaves out its only field.', { nodes: operation });

/** Why the operation may not run: variables that do not fit, more fields than are allowed, or nothing to subscribe to. Empty when it may. */
export function operationErrors(
  schema: GraphQLSchema,
  { document, operationName, variables }: Operation,
  max: number,
): readonly GraphQLError[] {
  const operation = getOperationAST(document, operationName);
  // Without an operation there is nothing to count; execution says what is missing.
  if (!operation) return [];
  const wrong = variableErrors(schema, operation.variableDefinitions ?? [], variables ?? {});
  if (wrong.length > 0) return wrong.map(badInput);
  try {
    const complexity = known.get(operation) ?? count(schema, document, operation, variables);
    // graphql-js throws where conditions leave a subscription no field, and that would close the socket. Every field counts.
    if (complexity === 0 && operation.operation === OperationTypeNode.SUBSCRIPTION) return [badInput(nothingSelected(operation))];
    return complexity > max ? [tooComplex('complexity', max, complexity)] : [];
  } catch (error) {
    if (error instanceof GraphQLError && error.message === TOO_MANY_NODES) return [unfoldsTooFar()];
    // An argument that does not fit would be an error of one field only, and leave the rest uncounted.
    if (error instanceof GraphQLError) return [badInput(error)];
    throw error;
  }
}

/** Of operations that come to the same with any variables: counting reads all of them once more, 10,000 recipients too. */
const known = new WeakMap<OperationDefinitionNode, number>();

/** No page's size and no condition can stand in an input object, and one that must be given leaves no argument without a value. */
const isFixed = (schema: GraphQLSchema, { variableDefinitions = [] }: OperationDefinitionNode): boolean =>
  variableDefinitions.every(({ type: node }) => {
    const type = typeFromAST(schema, node);
    return isNonNullType(type) && isInputObjectType(type.ofType);
  });

function count(schema: GraphQLSchema, query: DocumentNode, operation: OperationDefinitionNode, variables: Operation['variables']): number {
  const complexity = getComplexity({
    schema,
    query,
    operationName: operation.name?.value,
    variables: variables ?? {},
    estimators: [fieldExtensionsEstimator(), pageEstimator, listEstimator, plainEstimator],
  });
  if (isFixed(schema, operation)) known.set(operation, complexity);
  return complexity;
}
