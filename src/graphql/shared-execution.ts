import { execute, Kind, visit, type DocumentNode, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { ErrorCode } from '../errors.js';
import type { RequestContext } from './context.js';
import { codeOf } from './format-error.js';

/** For the root field of a subscription to throw: what the event is about is gone, and no subscriber is told of the event. */
export class NothingToTell extends Error {}

/**
 * Runs the selection of a subscription once for each event, however many equal subscribers there are: those of the same
 * document, tenant and role, whose variables agree as far as the selection uses them. A stream that several of them
 * listen to hands out one and the same object for an event; by that the execution is found again, and with it forgotten.
 */
export class SharedExecution {
  private readonly results = new WeakMap<object, Map<string, Promise<ExecutionResult | null>>>();
  private readonly used = new WeakMap<DocumentNode, ReadonlySet<string>>();
  private readonly documents = new WeakMap<DocumentNode, number>();
  private lastDocument = 0;

  /** Null where there is nothing to tell. Throws UNAVAILABLE: as a result it would be taken for the event's last word, and the cursors after it lead past the event. */
  run(args: ExecutionArgs, event: unknown): Promise<ExecutionResult | null> {
    const contextValue: RequestContext = { ...(args.contextValue as RequestContext), loaders: new Map() };
    const fresh = async (): Promise<ExecutionResult | null> => readable(await execute({ ...args, contextValue, rootValue: event }));
    if (typeof event !== 'object' || event === null) return fresh();
    const results = this.results.get(event) ?? new Map<string, Promise<ExecutionResult | null>>();
    this.results.set(event, results);
    const key = this.keyOf(args, contextValue);
    let result = results.get(key);
    if (!result) {
      results.set(key, (result = fresh()));
      // Who comes to the event later may be able to read it.
      result.catch(() => results.delete(key));
    }
    return result;
  }

  private keyOf({ document, operationName, variableValues }: ExecutionArgs, { caller }: RequestContext): string {
    // By their names: JSON leaves out what is undefined, and a variable that was not given may have a default, which null has not.
    const used = Object.fromEntries([...this.usedBelowRoot(document)].map((name) => [name, variableValues?.[name]]));
    return JSON.stringify([this.numberOf(document), operationName, caller?.tenantId, caller?.role, used]);
  }

  private numberOf(document: DocumentNode): number {
    let number = this.documents.get(document);
    if (number === undefined) this.documents.set(document, (number = ++this.lastDocument));
    return number;
  }

  /** Variables of the root field's arguments (a filter, a cursor) say which events come, not what is shown of them. */
  private usedBelowRoot(document: DocumentNode): ReadonlySet<string> {
    let used = this.used.get(document);
    if (!used) this.used.set(document, (used = variablesBelowRoot(document)));
    return used;
  }
}

function readable(result: ExecutionResult): ExecutionResult | null {
  const unavailable = result.errors?.find((error) => codeOf(error) === ErrorCode.UNAVAILABLE);
  if (unavailable) throw unavailable;
  return result.errors?.some(({ originalError }) => originalError instanceof NothingToTell) ? null : result;
}

function variablesBelowRoot(document: DocumentNode): Set<string> {
  const used = new Set<string>();
  const collect = {
    Variable: ({ name }: { name: { value: string } }) => void used.add(name.value),
    VariableDefinition: () => false as const,
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, collect);
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind !== Kind.FIELD) visit(selection, collect);
      else
        for (const part of [...(selection.directives ?? []), ...(selection.selectionSet ? [selection.selectionSet] : [])])
          visit(part, collect);
    }
  }
  return used;
}
