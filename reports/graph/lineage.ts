import type { ColumnLineage, ProjectGraph } from '../../engine/contract/graph.js';
import { padEnd } from '../text/width.js';

const oneLine = (sql: string): string => `sql(${sql.replace(/\s+/g, ' ')})`;

/** `title → trim → truncate → default` */
function wayOf(lineage: ColumnLineage, source: string): string {
  const { from, sql, made, steps, resolvers, has_default } = lineage;
  const origin = [...from, ...sql.map(oneLine), ...made].join(', ') + baseWords(lineage, source);
  return [origin, ...steps, resolvers.join(' or '), has_default ? 'default' : '']
    .filter((part) => part !== '')
    .join(' → ');
}

/** ` [dispatch_task.kind]`, ` [computed from a.x, b.y]`; nothing for what the source's one table says anyway. */
function baseWords({ base, computed }: ColumnLineage, source: string): string {
  if (base.length === 0 || (!computed && base.every((one) => one.startsWith(`${source}.`)))) return '';
  return ` [${computed ? 'computed from ' : ''}${base.join(', ')}]`;
}

/** Where each column of the selected mappings comes from, as text. */
export function graphLineage({ mappings, lineage }: ProjectGraph): string {
  const shown = mappings.filter(({ selected }) => selected);
  return shown
    .map(({ mapping, source, target }) => {
      const columns = lineage.filter((one) => one.mapping === mapping);
      const room = Math.max(0, ...columns.map(({ column }) => column.length));
      const lines = columns.map((one) => `  ${padEnd(one.column, room)}  ← ${wayOf(one, source)}`);
      return [
        `${mapping}: ${source} → ${target}`,
        ...(lines.length === 0 ? ['  every column, by its name'] : lines),
      ].join('\n');
    })
    .join('\n\n');
}
