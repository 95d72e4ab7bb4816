import type { UnitTestReport, UnitTestResult } from '../../engine/contract/unit-test.js';
import { differenceLines } from './words.js';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of XML 1.0: control characters that it cannot hold become `?`. */
const xml = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replace(/[&<>"]/g, (c) => ESCAPES[c] ?? c);

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** JUnit's XML, as CI systems read it: a suite a mapping. */
export function unitJunit({ tests, duration_ms: ms }: UnitTestReport): string {
  const mappings = [...new Set(tests.map(({ mapping }) => mapping))];
  const failures = (list: readonly UnitTestResult[]): number => list.filter(({ passed }) => !passed).length;
  const suites = mappings.flatMap((mapping) => {
    const own = tests.filter((test) => test.mapping === mapping);
    const time = own.reduce((sum, test) => sum + test.duration_ms, 0);
    const counts = `tests="${String(own.length)}" failures="${String(failures(own))}" errors="0"`;
    return [
      `  <testsuite name="${xml(mapping)}" ${counts} time="${seconds(time)}">`,
      ...own.flatMap(testcase),
      '  </testsuite>',
    ];
  });
  const counts = `tests="${String(tests.length)}" failures="${String(failures(tests))}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="etl test" ${counts} time="${seconds(ms)}">`,
    ...suites,
    '</testsuites>',
  ].join('\n');
}

function testcase({ mapping, name, at, differences, duration_ms: ms }: UnitTestResult): readonly string[] {
  const place = `file="${xml(at.file)}" line="${String(at.line)}"`;
  const head = `    <testcase classname="${xml(mapping)}" name="${xml(name)}" ${place} time="${seconds(ms)}"`;
  if (differences.length === 0) return [`${head}/>`];
  const [first = ''] = differences.flatMap(differenceLines);
  const text = [`${at.file}:${String(at.line)}`, ...differences.flatMap(differenceLines)].join('\n');
  return [`${head}>`, `      <failure message="${xml(first)}">${xml(text)}</failure>`, '    </testcase>'];
}
