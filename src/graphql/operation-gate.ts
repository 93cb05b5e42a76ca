import { LRUCache } from 'lru-cache';
import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type ParseOptions,
  type ValidationRule,
} from 'graphql';
import { operationErrors, type Operation } from './query-complexity.js';
import { exhaustsStack, sizeRule, tooDeep, type QueryLimits } from './query-limits.js';

/** Of all remembered documents together, in characters; in memory a document takes some fifty times as much. */
const REMEMBERED = 1_000_000;

type Parsed = { document: DocumentNode } | { errors: readonly GraphQLError[] };

/** Decides which operations may run, for requests and sockets alike. */
export class OperationGate {
  readonly parseOptions: ParseOptions;
  readonly rules: readonly ValidationRule[];
  private readonly documents = new LRUCache<string, Parsed>({
    max: 1_000,
    maxSize: REMEMBERED,
    sizeCalculation: (_parsed, query) => query.length,
  });

  constructor(
    readonly schema: GraphQLSchema,
    private readonly limits: QueryLimits,
    introspection: boolean,
  ) {
    this.parseOptions = { maxTokens: limits.tokens };
    this.rules = [sizeRule(limits), ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  }

  /** Empty when the operation may run. */
  refusals(operation: Operation): readonly GraphQLError[] {
    return operationErrors(this.schema, operation, this.limits.complexity);
  }

  /** For sockets: Apollo does this for requests. Remembers documents that may run, because after a restart thousands of clients send the same one. */
  read(query: string): Parsed {
    const known = this.documents.get(query);
    if (known) return known;
    const parsed = this.parse(query);
    if ('document' in parsed) this.documents.set(query, parsed);
    return parsed;
  }

  private parse(query: string): Parsed {
    try {
      const document = parse(query, this.parseOptions);
      const errors = validate(this.schema, document, [...specifiedRules, ...this.rules]);
      return errors.length > 0 ? { errors } : { document };
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      if (exhaustsStack(error)) return { errors: [tooDeep()] };
      throw error;
    }
  }
}
