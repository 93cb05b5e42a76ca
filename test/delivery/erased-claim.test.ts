import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStore, type TestStore } from '../support/test-store.js';
import { TestProvider } from './test-provider.js';

describe('A message of a person who is being erased', () => {
  let store: TestStore;
  let provider: TestProvider;
  beforeAll(async () => {
    store = await openTestStore();
    provider = new TestProvider(store);
  });
  afterAll(() => store.close());

  test('is not claimed, however it came back into the queue', async () => {
    const { id } = await store.accept({ maxAttempts: 0, attempts: 1 });
    expect(await provider.worker().claims.take([id])).toEqual([]);
    expect(await store.find(id)).toMatchObject({ status: 'SUPPRESSED', attempts: 1 });
    expect(provider.asked).toEqual([]);
  });
});
