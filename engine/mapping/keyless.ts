import type { ColumnSpec, Mapping, Origin, SourceSpec, TargetSpec } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { Build } from './build.js';
import { errorAt } from './report.js';

const HELP = 'name the column or columns that identify a source row (source.key: id), or leave this out';

/** What a mapping cannot ask for whose source names no key, so that none of its rows can be told from another. */
export function checkKeyless(
  source: SourceSpec,
  target: TargetSpec,
  columns: readonly ColumnSpec[],
  deletedRows: { readonly value: Mapping['deletedRows']; readonly at: Position } | null,
  { report }: Build,
): void {
  const refuse = (at: Position, what: string): void => {
    report(errorAt('ETL-LANG-016', at, `${what} needs a key of the source`, { help: HELP }));
  };
  if (target.mode.value === 'upsert') {
    const message = 'without a key of the source, rows that exist cannot be found again';
    const help = 'name it (key: id), or say what a load does: target: { mode: insert } or { mode: replace }';
    report(errorAt('ETL-LANG-016', target.mode.at, message, { help }));
  }
  if (target.merge !== null) refuse(target.merge, '"merge"');
  if (source.duplicates.kind !== 'reject') refuse(source.duplicates.at, '"duplicates"');
  if (source.changedAt !== null) refuse(source.changedAt.column.at, '"changed_at"');
  if (source.partition.kind === 'rows') refuse(source.at, '"partition"');
  if (deletedRows?.value === 'delete') refuse(deletedRows.at, '"deleted_rows: delete"');
  const strategy = target.identity?.strategy ?? null;
  if (strategy?.value === 'preserve' || strategy?.value === 'uuid5')
    refuse(strategy.at, `"strategy: ${strategy.value}"`);
  for (const { origin } of columns) for (const at of keyOrigins(origin)) refuse(at, 'what this is made of');
}

/** Where an origin, or one in it, is made of the source key. */
function keyOrigins(origin: Origin): readonly Position[] {
  if (origin.kind === 'object') return origin.entries.flatMap((entry) => keyOrigins(entry.origin));
  if (origin.kind === 'array') return origin.items.flatMap(keyOrigins);
  const isKey =
    (origin.kind === 'row' && origin.what === 'key') ||
    (origin.kind === 'generate' && origin.what === 'uuid5');
  return isKey ? [origin.at] : [];
}
