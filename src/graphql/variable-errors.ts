import {
  coerceInputValue,
  GraphQLError,
  isInputType,
  isNonNullType,
  typeFromAST,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';
import { withoutValues } from './without-values.js';

/** Told at once. */
const MOST_ERRORS = 20;

/** Twice what any operation takes, so that its own refusal, which says how many it takes, comes first. */
const LONGEST_LIST = 20_000;

type Variables = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/**
 * Why the variables do not fit. Not by `getVariableValues` of graphql-js, which writes the whole of what is wrong into each message:
 * of 4 MB with wrong names twenty times 4 MB, which takes seconds, and none of it may be repeated.
 */
export function variableErrors(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  variables: Variables,
): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  const tell = (error: GraphQLError): void => {
    if (errors.length === MOST_ERRORS) throw new TooMany();
    errors.push(error);
  };
  try {
    for (const definition of definitions) check(schema, definition, variables, tell);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    errors.push(new GraphQLError(`More of the variables is not valid than these ${MOST_ERRORS} places.`));
  }
  return errors;
}

class TooMany extends Error {}

function check(schema: GraphQLSchema, definition: VariableDefinitionNode, variables: Variables, tell: (error: GraphQLError) => void): void {
  const type = typeFromAST(schema, definition.type);
  // Validation has refused it.
  if (!isInputType(type)) return;
  const name = definition.variable.name.value;
  if (!Object.hasOwn(variables, name)) {
    const isMissing = isNonNullType(type) && !definition.defaultValue;
    if (isMissing)
      tell(new GraphQLError(`Variable "$${name}" of required type "${String(type)}" was not provided.`, { nodes: definition }));
    return;
  }
  const wrongAt = (path: Path, cause: GraphQLError): void => {
    const place = path.reduce<string>((so, key) => (typeof key === 'number' ? `${so}[${key}]` : `${so}.${key}`), name);
    const message = `Variable "$${name}" is not valid at "${place}": ${withoutValues(cause.message)}`;
    tell(new GraphQLError(message, { nodes: definition, originalError: cause }));
  };
  const long = tooLong(variables[name]);
  if (long) return wrongAt(long, new GraphQLError(`No list may have more than ${LONGEST_LIST.toLocaleString('en')} entries.`));
  coerceInputValue(variables[name], type, (path, _value, error) => wrongAt(path, error));
}

/** Where a list stands that would take too long to be read; those further inside are short by the size of a request. */
function tooLong(value: unknown): Path | null {
  if (Array.isArray(value)) return value.length > LONGEST_LIST ? [] : null;
  const found = Object.entries(value ?? {}).find(([, inner]) => Array.isArray(inner) && inner.length > LONGEST_LIST);
  return found ? [found[0]] : null;
}
