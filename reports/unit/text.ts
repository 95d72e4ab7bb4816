import type { UnitTestReport, UnitTestResult } from '../../engine/contract/unit-test.js';
import { counted, duration, names } from '../format.js';
import { painter, type Paint } from '../text/paint.js';
import { differenceLines } from './words.js';

/** Results for a terminal: a line a mapping, each failing test with what differs (`-` expected, `+` found). */
export function unitText(report: UnitTestReport, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const byMapping = new Map<string, UnitTestResult[]>();
  for (const test of report.tests)
    byMapping.set(test.mapping, [...(byMapping.get(test.mapping) ?? []), test]);
  const lines = [...byMapping].flatMap(([mapping, tests]) => mappingLines(mapping, tests, paint));
  const failed = report.tests.filter(({ passed }) => !passed).length;
  const passed = `${counted(report.tests.length - failed, 'test')} passed`;
  const verdict =
    failed === 0 ? paint('green', passed) : `${paint('red', `${String(failed)} failed`)}, ${passed}`;
  const untested =
    report.untested.length === 0 ? [] : [paint('dim', `without a test: ${names(report.untested)}`)];
  return [...lines, '', `${verdict} in ${duration(report.duration_ms)}`, ...untested].join('\n');
}

function mappingLines(mapping: string, tests: readonly UnitTestResult[], paint: Paint): readonly string[] {
  const failed = tests.filter(({ passed }) => !passed);
  const mark = failed.length === 0 ? paint('green', '✓') : paint('red', '✗');
  const count =
    failed.length === 0
      ? counted(tests.length, 'test')
      : `${String(failed.length)} of ${counted(tests.length, 'test')} failed`;
  return [`${mark} ${mapping}  ${paint('dim', count)}`, ...failed.flatMap((test) => testLines(test, paint))];
}

function testLines({ name, at, differences }: UnitTestResult, paint: Paint): readonly string[] {
  const place = `${at.file}:${String(at.line)}:${String(at.column)}`;
  const body = differences.flatMap((difference) => {
    const [head = '', ...rest] = differenceLines(difference);
    return [`      ${head}`, ...rest.map((line) => `    ${painted(line, paint)}`)];
  });
  return ['', `  ${paint('red', '✗')} ${paint('bold', name)}`, `      ${paint('dim', place)}`, ...body, ''];
}

function painted(line: string, paint: Paint): string {
  if (/^ {4}\S* *  - /.test(line)) return paint('red', line);
  return paint('green', line);
}
