import type { Problem } from '../../engine/contract/problem.js';

/** Problems as JUnit's XML: a test case for each file, which fails where it holds an error. @param command names the suite */
export function junitProblems(
  problems: readonly Problem[],
  files: readonly string[],
  command: string,
): string {
  const named = problems.flatMap(({ at }) => (at === undefined ? [] : [at.file]));
  const none = problems.some(({ at }) => at === undefined) ? [''] : [];
  const all = [...new Set([...none, ...[...files, ...named].sort()])];
  const cases = all.map((file) =>
    testCase(
      command,
      file,
      problems.filter(({ at }) => (at?.file ?? '') === file),
    ),
  );
  const failures = cases.filter(({ failed }) => failed).length;
  const head = `tests="${String(cases.length)}" failures="${String(failures)}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(command)}" ${head}>`,
    `  <testsuite name="${xml(command)}" ${head}>`,
    ...cases.map(({ text }) => text),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

function testCase(
  command: string,
  file: string,
  problems: readonly Problem[],
): { text: string; failed: boolean } {
  const open = `    <testcase classname="${xml(command)}" name="${xml(file === '' ? 'project' : file)}"`;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  const [first] = errors;
  const inner = [
    ...(first === undefined
      ? []
      : [`      <failure type="${first.code}" message="${xml(first.message)}">${lines(errors)}</failure>`]),
    ...(warnings.length === 0 ? [] : [`      <system-out>${lines(warnings)}</system-out>`]),
  ];
  const text = inner.length === 0 ? `${open}/>` : [`${open}>`, ...inner, '    </testcase>'].join('\n');
  return { text, failed: first !== undefined };
}

const lines = (problems: readonly Problem[]): string =>
  problems
    .map(({ code, message, at, help }) => {
      const place = at === undefined ? '' : `${at.file}:${String(at.line)}:${String(at.column)}: `;
      return xml(`${place}${code} ${message}${help === undefined ? '' : ` (${help})`}`);
    })
    .join('\n');

/** XML 1.0 has no place for most control characters, escaped or not. */
const xml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
