import type { Draft, DraftColumn } from '../../scaffold/draft.js';
import type { Scaffolded, Sketch } from '../../scaffold/scaffold.js';

/** What became of a call, and where it was written. */
export interface Written {
  readonly made: readonly string[];
  readonly extended: readonly string[];
  /** Files that could not be added to. */
  readonly refused: readonly string[];
}

const todos = (columns: readonly DraftColumn[]): number =>
  columns.filter(({ todo }) => todo.length > 0).length;

const plural = (count: number, word: string): string => `${String(count)} ${word}${count === 1 ? '' : 's'}`;

/** The summary for a human. @param folder as the user named it */
export function scaffoldText(sketch: Sketch, done: Scaffolded, written: Written, folder: string): string {
  const { drafts, extensions, withoutSource, unused, takenOut } = done;
  const lines = [...habitLines(sketch)];
  for (const draft of drafts) lines.push(draftLine(draft));
  for (const { standing, columns, text } of extensions) {
    const names = columns.map(({ column }) => column).join(', ');
    const what = text === null ? 'has no place for' : 'added';
    lines.push(`${standing.mapping.file}: ${what} ${names}${todoWords(todos(columns))}`);
  }
  if (withoutSource.length > 0) {
    lines.push('', 'Target tables without a source table (drafts end in .yaml.todo):');
    for (const { target, near } of withoutSource) {
      const nearest = near.map(({ table, confidence }) => `${table} ${confidence.toFixed(2)}`).join(', ');
      lines.push(`  ${target.table}${nearest === '' ? '' : `  nearest: ${nearest}`}`);
    }
  }
  if (unused.length > 0) lines.push('', `Source tables that nothing takes: ${unused.join(', ')}`);
  if (takenOut.length > 0)
    lines.push('', `Taken away since the last time, and left so: ${takenOut.join(', ')}`);
  if (written.made.length + written.extended.length === 0) lines.push('nothing is new');
  else lines.push('', `Next: grep -rn TODO ${folder}; etl validate ${folder}; etl check ${folder}`);
  return lines.join('\n');
}

function habitLines({ habits }: Sketch): readonly string[] {
  return (['source', 'target'] as const).flatMap((side) => {
    const { tablePrefixes, tableSuffixes, columnPrefixes } = habits[side];
    const said = [
      ...(tablePrefixes.length === 0 ? [] : [`tables begin with ${tablePrefixes.join(', ')}`]),
      ...(tableSuffixes.length === 0 ? [] : [`tables end in ${tableSuffixes.join(', ')}`]),
      ...(columnPrefixes.size < 2
        ? []
        : [`columns of ${plural(columnPrefixes.size, 'table')} have a prefix`]),
    ];
    return said.length === 0 ? [] : [`learnt of the ${side}: ${said.join('; ')}`];
  });
}

const todoWords = (count: number): string => (count === 0 ? '' : `, ${plural(count, 'TODO')}`);

function draftLine({ mapping, source, columns }: Draft): string {
  const active = columns.filter((column) => column.active).length;
  const from = source === null ? '' : `${source.table} → `;
  const sure = source === null ? '' : ` (${source.confidence.toFixed(2)})`;
  return `${from}${mapping}${sure}: ${String(active)} of ${plural(columns.length, 'column')}${todoWords(todos(columns))}`;
}

/** The same as data. */
export function scaffoldJson({ habits }: Sketch, done: Scaffolded, written: Written): object {
  const habitsOf = (side: 'source' | 'target'): object => ({
    table_prefixes: habits[side].tablePrefixes,
    table_suffixes: habits[side].tableSuffixes,
    column_prefixes: Object.fromEntries(habits[side].columnPrefixes),
  });
  return {
    version: 1,
    files: written,
    habits: { source: habitsOf('source'), target: habitsOf('target') },
    mappings: done.drafts.map((draft) => ({
      mapping: draft.mapping,
      source: draft.source?.table ?? null,
      target: draft.target.table,
      confidence: rounded(draft.source?.confidence ?? 0),
      columns: draft.columns.map(columnJson),
      unused: draft.source?.unused ?? [],
    })),
    extended: done.extensions.map(({ standing, columns, text }) => ({
      mapping: standing.mapping.name,
      written: text !== null,
      columns: columns.map(columnJson),
    })),
    targets_without_source: done.withoutSource.map(({ target, near }) => ({
      table: target.table,
      nearest: near.map(({ table, confidence }) => ({ table, confidence: rounded(confidence) })),
    })),
    sources_without_target: done.unused,
    taken_out: done.takenOut,
  };
}

const columnJson = ({ column, found, active, todo }: DraftColumn): object => ({
  column,
  from: found?.source ?? null,
  confidence: found === null ? null : rounded(found.confidence),
  written: active,
  todo,
});

const rounded = (number: number): number => Math.round(number * 100) / 100;
