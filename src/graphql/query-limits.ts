import {
  GraphQLError,
  Kind,
  type ASTNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';

export interface QueryLimits {
  /** Levels of nested fields. */
  depth: number;
  aliases: number;
  directives: number;
  /** Words and signs in the document. */
  tokens: number;
  /** Fields the answer may come to, see query-complexity. */
  complexity: number;
}

export const DEFAULT_LIMITS: QueryLimits = { depth: 12, aliases: 30, directives: 30, tokens: 2_000, complexity: 20_000 };

export const tooComplex = (limit: keyof QueryLimits, max: number, actual: number, nodes?: readonly ASTNode[]): GraphQLError =>
  new GraphQLError(`The query is too large: ${limit} ${actual}, at most ${max} allowed.`, {
    nodes,
    // `limit` also tells format-error what this is: Apollo replaces the code of validation errors by its own.
    extensions: { code: 'QUERY_TOO_COMPLEX', limit, max, actual },
  });

/** The parser takes some of the stack for each bracket that is open, and `tokens` allows more of them than the stack may hold. */
export const exhaustsStack = (error: unknown): boolean => error instanceof RangeError && error.message.startsWith('Maximum call stack');

export const tooDeep = (): GraphQLError =>
  new GraphQLError('The query is too large: it is nested too deeply.', { extensions: { code: 'QUERY_TOO_COMPLEX', limit: 'depth' } });

export const unfoldsTooFar = (): GraphQLError =>
  new GraphQLError('The query is too large: its fragments come to too many fields.', {
    extensions: { code: 'QUERY_TOO_COMPLEX', limit: 'complexity' },
  });

type Size = Record<'depth' | 'aliases' | 'directives', number>;
const NOTHING: Size = { depth: 0, aliases: 0, directives: 0 };

/** Counts what a query comes to once its fragments are unfolded. Each fragment is measured once, however often it is spread. */
class Measure {
  private readonly fragments: Map<string, FragmentDefinitionNode>;
  private readonly sizes = new Map<string, Size>();

  constructor(fragments: readonly FragmentDefinitionNode[]) {
    this.fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  of(set: SelectionSetNode | undefined): Size {
    return (set?.selections ?? [])
      .map((selection) => this.ofSelection(selection))
      .reduce(
        (sum, size) => ({
          depth: Math.max(sum.depth, size.depth),
          aliases: sum.aliases + size.aliases,
          directives: sum.directives + size.directives,
        }),
        NOTHING,
      );
  }

  private ofSelection(selection: SelectionNode): Size {
    const inner = selection.kind === Kind.FRAGMENT_SPREAD ? this.ofFragment(selection.name.value) : this.of(selection.selectionSet);
    const directives = inner.directives + (selection.directives?.length ?? 0);
    if (selection.kind !== Kind.FIELD) return { ...inner, directives };
    // Introspection is deep by nature; graphql-js limits it by a rule of its own.
    const depth = selection.name.value.startsWith('__') ? 0 : inner.depth + 1;
    return { depth, aliases: inner.aliases + (selection.alias ? 1 : 0), directives };
  }

  private ofFragment(name: string): Size {
    const known = this.sizes.get(name);
    if (known) return known;
    // Ends fragments that contain themselves; another rule refuses those.
    this.sizes.set(name, NOTHING);
    const size = this.of(this.fragments.get(name)?.selectionSet);
    this.sizes.set(name, size);
    return size;
  }
}

/** Refuses documents that are too deep or have too many aliases or directives. */
export const sizeRule =
  (limits: QueryLimits): ValidationRule =>
  (context) => ({
    Document(document) {
      const measure = new Measure(document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION));
      for (const operation of document.definitions) {
        if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
        const inner = measure.of(operation.selectionSet);
        const size = { ...inner, directives: inner.directives + (operation.directives?.length ?? 0) };
        for (const limit of ['depth', 'aliases', 'directives'] as const)
          if (size[limit] > limits[limit]) context.reportError(tooComplex(limit, limits[limit], size[limit], [operation]));
      }
    },
  });
