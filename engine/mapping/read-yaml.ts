import type { Position } from '../contract/problem.js';
import type { Place } from './form.js';
import type { ProjectFiles } from './load-files.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import type { Node } from './tree.js';
import { FILE_LIMIT, parseYaml } from './yaml.js';

/** The tree of a YAML file; null with the problem reported where there is none. */
export function readYaml(path: string, files: ProjectFiles, report: Report): Node | null {
  const read = files.read(path, FILE_LIMIT);
  const at = startOf(files.shown(path));
  if ('text' in read) {
    const root = parseYaml(read.shown, read.text, report);
    if (root?.kind !== 'scalar' || root.raw !== '') return root;
    report(errorAt('ETL-YAML-008', at, 'the file is empty'));
  } else if (read.tooLarge) {
    const message = `the file has ${read.reason}, more than ${String(FILE_LIMIT / 1024)} KB`;
    report(
      errorAt('ETL-YAML-003', at, message, {
        help: 'move long SQL into a query_file, long tables into a look-up',
      }),
    );
  } else {
    report(errorAt('ETL-FILE-002', at, `the file cannot be read: ${read.reason}`));
  }
  return null;
}

/** The whole file as a place: its first key. */
export function rootPlace(root: Node, name: string): Place {
  return { name, at: (root.kind === 'map' ? root.entries[0]?.keyAt : undefined) ?? root.at };
}

/** The first character of a file. */
export function startOf(file: string): Position {
  return { file, line: 1, column: 1, length: 1 };
}
