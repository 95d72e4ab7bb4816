import type { UnitTestReport } from '../../engine/contract/unit-test.js';

/** The document of `etl test --json`; its keys may be relied on. */
export function unitJson({ tests, untested, duration_ms }: UnitTestReport): string {
  const passed = tests.filter((test) => test.passed).length;
  const shown = tests.map(({ at: { file, line, column }, differences, ...test }) => ({
    ...{ ...test, file, line, column },
    differences: differences.map(({ at, columns, ...one }) => ({
      ...{ ...one, line: at.line },
      columns: columns.map(({ at: place, ...cell }) => ({ ...cell, line: place.line })),
    })),
  }));
  const document = { version: 1, passed, failed: tests.length - passed, duration_ms, tests: shown, untested };
  return JSON.stringify(document, null, 2);
}
