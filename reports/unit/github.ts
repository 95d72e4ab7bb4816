import type { UnitTestReport } from '../../engine/contract/unit-test.js';
import { counted } from '../format.js';
import { data, property } from '../workflow-command.js';
import { differenceLines } from './words.js';

/** Annotations of a pull request: one a failing test, at the line where it begins. */
export function unitGithub({ tests }: UnitTestReport): string {
  const failed = tests.filter(({ passed }) => !passed);
  const lines = failed.map(({ name, at, mapping, differences }) => {
    const place = `file=${property(at.file)},line=${String(at.line)},col=${String(at.column)}`;
    const text = differences.flatMap(differenceLines).join('\n');
    return `::error ${place},title=${property(`${mapping}: ${name}`)}::${data(text)}`;
  });
  const passed = counted(tests.length - failed.length, 'test');
  return [...lines, `${String(failed.length)} failed, ${passed} passed`].join('\n');
}
