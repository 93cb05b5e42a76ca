import 'reflect-metadata';
import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import { AppError, ErrorCode } from '../errors.js';
import { isUuid } from '../platform/ids.js';

export const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 200;

/** A page as the features' queries take it: they return up to `limit + 1` rows, the nearest to the cursor first. */
export interface Page {
  limit: number;
  /** The key of the row after which the page begins (usually its id), and of the one before which it ends. */
  after: string | null;
  before: string | null;
  /** Take the last rows before `before`, not the first after `after`. */
  backwards: boolean;
}

@ArgsType()
export class ForwardPageArgs {
  @Field(() => Int, { nullable: true, description: `How many, at most ${LARGEST_PAGE}; ${DEFAULT_PAGE} when left out` })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Those that follow this cursor' })
  after?: string | null;
}

@ArgsType()
export class PageArgs extends ForwardPageArgs {
  @Field(() => Int, { nullable: true, description: `The last so many instead of the first, at most ${LARGEST_PAGE}` })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Those that precede this cursor' })
  before?: string | null;
}

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor!: string | null;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: PageInfo;
  /** Called only when selected. */
  totalCount?: () => Promise<number>;
}

const invalid = (message: string): AppError => new AppError(ErrorCode.BAD_USER_INPUT, message);

export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url');

/** Cursors come back from outside: what is not a key we could have handed out must not reach the database. */
function decodeCursor(cursor: string | null | undefined, name: string, isKey: (key: string) => boolean): string | null {
  if (cursor === null || cursor === undefined) return null;
  const key = Buffer.from(cursor, 'base64url').toString();
  if (encodeCursor(key) !== cursor || !isKey(key)) throw invalid(`The cursor in \`${name}\` is not one of ours.`);
  return key;
}

const size = (value: number, name: string): number => {
  if (value < 0 || value > LARGEST_PAGE) throw invalid(`\`${name}\` must be from 0 to ${LARGEST_PAGE}.`);
  return value;
};

/** Checks the arguments of a list. Throws BAD_USER_INPUT. `isKey` tells what the list's cursors hold: ids, unless told otherwise. */
export function pageOf({ first, after, last, before }: PageArgs, isKey: (key: string) => boolean = isUuid): Page {
  if (typeof first === 'number' && typeof last === 'number') throw invalid('Give `first` or `last`, not both.');
  const backwards = typeof last === 'number';
  return {
    limit: backwards ? size(last, 'last') : size(first ?? DEFAULT_PAGE, 'first'),
    after: decodeCursor(after, 'after', isKey),
    before: decodeCursor(before, 'before', isKey),
    backwards,
  };
}

/** Makes the answer from the rows of a query that was asked for one row more than the page holds. */
export function toConnection<T>(
  rows: readonly T[],
  page: Page,
  keyOf: (row: T) => string,
  totalCount?: () => Promise<number>,
): Connection<T> {
  const more = rows.length > page.limit;
  const nodes = rows.slice(0, page.limit);
  if (page.backwards) nodes.reverse();
  const edges = nodes.map((node) => ({ cursor: encodeCursor(keyOf(node)), node }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: page.backwards ? page.before !== null : more,
      hasPreviousPage: page.backwards ? more : page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

/** Declares `<name>Edge` and `<name>Connection`. Call it once per name. */
export function connectionOf<T extends object>(
  name: string,
  node: () => ClassType<T> | symbol,
  options: { totalCount?: boolean } = {},
): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor!: string;

    @Field(node as () => ClassType<T>)
    node!: T;
  }

  @ObjectType(`${name}Connection`)
  class ListConnection implements Connection<T> {
    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => [node() as ClassType<T>])
    nodes!: T[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    // Declared below, and only for lists that count.
    declare totalCount?: () => Promise<number>;
  }

  // Simple: graphql-js then calls the function, and only when the field is selected.
  if (options.totalCount)
    Field(() => Int, { simple: true, description: 'Counted only when selected' })(ListConnection.prototype, 'totalCount');
  return ListConnection;
}
