import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { decorator: { legacy: true } },
  // Node resolves `graphql` to index.js for packages and Vite to index.mjs for our sources: two realms, unless told.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // One process after the other would compile the whole program for its file, which is a third of the run. Whatever a test changes of its process, it puts back.
    isolate: false,
    // Tests wait for servers, retries and timers more than they compute; the one PostgreSQL of the run has 200 connections.
    maxWorkers: Math.min(6, Math.max(3, availableParallelism())),
    globalSetup: ['./test/support/global-setup.ts'],
    setupFiles: process.env['RECORD_STATEMENTS'] ? ['./test/support/record-statements.ts'] : [],
    // A shared build machine stalls now and then; here at the desk a test that fails once has failed.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
