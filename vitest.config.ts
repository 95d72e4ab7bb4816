import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/architecture/planted/**'],
    globalSetup: 'tests/support/server.ts',
    pool: 'forks',
    // A worker loads the engine once: in a process a file, loading took half of the time of the pure tests.
    isolate: false,
    // The tests share one PostgreSQL server and, on a small machine, its two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
