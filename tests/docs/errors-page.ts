import { CODES } from '../../engine/contract/codes.js';
import { page } from './markdown.js';

const FAMILIES: readonly (readonly [prefix: string, title: string])[] = [
  ['ETL-YAML', 'The YAML itself'],
  ['ETL-FILE', 'Files'],
  ['ETL-ENV', 'Variables of etl.yaml'],
  ['ETL-LANG', 'The language'],
  ['ETL-REF', 'Names of other things'],
  ['ETL-STEP', 'Steps'],
  ['ETL-RULE', 'Rules'],
  ['ETL-SQL', 'SQL'],
  ['ETL-SEL', 'Selectors'],
  ['ETL-TEST', 'Unit tests of mappings'],
  ['ETL-BIND', 'Mappings against the two databases'],
  ['ETL-PLUG', 'Plugins'],
  ['ETL-CHECK', 'The preflight'],
];

/** Every problem code with its paragraph, by family. */
export function errorsPage(): string {
  const codes = Object.entries(CODES);
  const known = new Set(FAMILIES.map(([prefix]) => prefix));
  const others = [...new Set(codes.map(([code]) => code.replace(/-\d+$/, '')))].filter((p) => !known.has(p));
  const families = [...FAMILIES, ...others.map((prefix) => [prefix, prefix] as const)];
  return page([
    '# Problems and their codes',
    'Every problem of a project is shown with a stable code, its file, line and column, and what to do; all of them ' +
      'at once, as far as they can be found together. Most of `ETL-BIND-…` needs the databases (`etl plan`, ' +
      '`etl run`); `etl validate` finds the rest, and prints it as `--format text`, `json`, `github` ' +
      '(annotations of a workflow), `sarif` or `junit`.',
    ...families.flatMap(([prefix, title]) => [
      `## ${title}`,
      ...codes.flatMap(([code, text]) => (code.startsWith(`${prefix}-`) ? [`### ${code}`, text] : [])),
    ]),
  ]);
}
