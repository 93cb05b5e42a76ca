import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Every story at its full size, one after another: they measure what a loaded machine does, and load it themselves. */
export default mergeConfig(
  base,
  defineConfig({ test: { include: ['test/chaos/**/*.test.ts'], fileParallelism: false, env: { CHAOS: 'full' } } }),
);
