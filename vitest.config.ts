import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/architecture/planted/**'],
    globalSetup: 'tests/support/server.ts',
    pool: 'forks',
    // The tests share one PostgreSQL server and, on a small machine, its two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
