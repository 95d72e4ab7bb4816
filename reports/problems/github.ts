import type { Problem } from '../../engine/contract/problem.js';
import { data, property } from '../workflow-command.js';
import { worstFirst } from './order.js';

/**
 * Problems as annotations of a GitHub workflow, one a line, worst first: GitHub shows ten of a step.
 * (docs.github.com: "Workflow commands for GitHub Actions".)
 */
export function githubAnnotations(problems: readonly Problem[]): string {
  return worstFirst(problems).map(annotation).join('\n');
}

function annotation({ severity, code, message, at, help }: Problem): string {
  const place = at === undefined ? [] : placeOf(at);
  const properties = [...place, `title=${property(code)}`].join(',');
  return `::${severity} ${properties}::${data(help === undefined ? message : `${message}\n${help}`)}`;
}

const placeOf = ({ file, line, column, length }: NonNullable<Problem['at']>): readonly string[] => [
  `file=${property(file)}`,
  `line=${String(line)}`,
  `col=${String(column)}`,
  `endColumn=${String(column + length)}`,
];
