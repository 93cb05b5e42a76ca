import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * Every story at its full size, one after another, and those that have no short form (`*.full.ts`): they measure what a loaded machine does, and load it themselves.
 * Not by mergeConfig, which would add these files to all the others.
 */
export default defineConfig({
  ...base,
  test: { ...base.test, isolate: true, include: ['test/chaos/**/*.{test,full}.ts'], fileParallelism: false, env: { CHAOS: 'full' } },
});
