import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCursor, pageOf, toConnection } from '../../src/graphql/connection.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  items(first: $first, after: $after, last: $last, before: $before) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
}`;
const probe = new ProbeResolver();

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({ resolvers: [probe] });
});
afterAll(() => edge.stop());

interface Listed {
  ids: number[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

async function list(variables: Record<string, unknown>): Promise<Listed> {
  const { items } = await edge.admin.query(LIST, variables);
  return { ids: items.nodes.map(({ id }: { id: string }) => Number(id.slice(-2))), pageInfo: items.pageInfo };
}

describe('a list', () => {
  test('is read forwards page by page, each item once', async () => {
    const first = await list({ first: 3 });
    const second = await list({ first: 3, after: first.pageInfo.endCursor });
    const third = await list({ first: 3, after: second.pageInfo.endCursor });
    expect([first.ids, second.ids, third.ids]).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('is read backwards page by page, in the same order', async () => {
    const last = await list({ last: 3 });
    const before = await list({ last: 3, before: last.pageInfo.startCursor });
    expect([last.ids, before.ids]).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  test('can be read between two cursors', async () => {
    const all = await list({});
    const { edges } = (await edge.admin.query('{ items { edges { cursor } } }')).items;
    expect((await list({ first: 10, after: edges[1].cursor, before: edges[4].cursor })).ids).toEqual([2, 3]);
    expect(all.ids).toHaveLength(7);
  });

  test('has an empty page with null cursors', async () => {
    const { ids, pageInfo } = await list({ first: 0 });
    expect(ids).toEqual([]);
    expect(pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null });
  });

  test('is counted only when totalCount is selected', async () => {
    const before = probe.counted;
    await list({ first: 1 });
    expect(probe.counted).toBe(before);
    expect(await edge.admin.query('{ items(first: 1) { totalCount nodes { id } } }')).toMatchObject({ items: { totalCount: 7 } });
    expect(probe.counted).toBe(before + 1);
  });
});

describe('page arguments', () => {
  test.each([
    [{ first: 201 }, '`first` must be from 0 to 200.'],
    [{ first: -1 }, '`first` must be from 0 to 200.'],
    [{ last: 201 }, '`last` must be from 0 to 200.'],
    [{ first: 1, last: 1 }, 'Give `first` or `last`, not both.'],
    [{ after: 'nonsense' }, 'The cursor in `after` is not one of ours.'],
    [{ before: '' }, 'The cursor in `before` is not one of ours.'],
    [{ after: encodeCursor("' or 1=1") }, 'The cursor in `after` is not one of ours.'],
    [{ after: `${encodeCursor('00000000-0000-7000-8000-000000000000')}=` }, 'The cursor in `after` is not one of ours.'],
  ])('%j is BAD_USER_INPUT', async (variables, message) => {
    const { errors } = await edge.admin.execute(LIST, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' }, path: ['items'] }]);
  });

  test('50 items are a page unless told otherwise', () => {
    expect(pageOf({})).toEqual({ limit: 50, after: null, before: null, backwards: false });
  });

  test('a list with other keys brings its own check', () => {
    const after = encodeCursor('2026-11-20|7');
    expect(pageOf({ after }, (key) => key.includes('|')).after).toBe('2026-11-20|7');
  });
});

test('rows that came backwards are turned round', () => {
  const page = { limit: 2, after: null, before: 'z', backwards: true };
  expect(toConnection(['c', 'b', 'a'], page, (row) => row).nodes).toEqual(['b', 'c']);
});
