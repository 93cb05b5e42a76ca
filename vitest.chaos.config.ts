import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * Every story at its full size, one after another: they measure what a loaded machine does, and load it themselves.
 * Not by mergeConfig, which would add these files to all the others.
 */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/chaos/**/*.test.ts'], fileParallelism: false, env: { CHAOS: 'full' } },
});
