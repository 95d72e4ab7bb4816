import type { KeptRow, RollbackResult, RolledBackMapping } from '../engine/contract/rollback.js';

/** Kept rows that a text names of each mapping; the JSON document has them all. */
const EXAMPLES = 5;

/** What a rollback did, or would do, for people. */
export function rollbackText(result: RollbackResult, tense: 'would' | 'done'): string {
  if (result.status === 'refused') return 'nothing was undone';
  if (result.status === 'nothing') return `run ${result.run}: there is nothing left to undo`;
  const lines = result.mappings.flatMap((mapping) => [
    `  ${mapping.mapping} (${mapping.table.replaceAll('"', '')}): ${counts(mapping, tense)}`,
    ...keptLines(mapping.kept),
  ]);
  const kept = result.mappings.reduce((sum, mapping) => sum + mapping.kept.length, 0);
  return [
    tense === 'would'
      ? `to undo run ${result.run}:`
      : `run ${result.run} is undone${kept > 0 ? ' in part' : ''}:`,
    ...lines,
    ...advice(result, kept),
  ].join('\n');
}

const WORDS = {
  would: ['to delete', 'to restore', 'to bring back'],
  done: ['deleted', 'restored', 'brought back'],
} as const;

function counts(mapping: RolledBackMapping, tense: 'would' | 'done'): string {
  const { deleted, restored, reinserted, gone, forced, kept } = mapping;
  const [away, old, back] = WORDS[tense];
  const words: readonly (readonly [number, string])[] = [
    [deleted, away],
    [restored, old],
    [reinserted, back],
    [forced, 'of these changed since by others'],
    [gone, 'gone already'],
    [kept.length, 'kept'],
  ];
  const said = words.filter(([count]) => count > 0).map(([count, word]) => `${String(count)} ${word}`);
  return said.length === 0 ? 'nothing' : said.join(', ');
}

function keptLines(kept: readonly KeptRow[]): readonly string[] {
  const shown = kept.slice(0, EXAMPLES).map(({ key, why, by }) => {
    if (why === 'referred') return `    ${key}: kept, rows of ${by ?? ''} refer to it`;
    return `    ${key}: kept, changed since by ${by === null ? 'someone else' : `run ${by}`}`;
  });
  const more = kept.length - shown.length;
  return more > 0 ? [...shown, `    and ${String(more)} more (--json names them all)`] : shown;
}

function advice({ mappings }: RollbackResult, kept: number): readonly string[] {
  if (kept === 0) return [];
  const all = mappings.flatMap((mapping) => mapping.kept);
  return [
    ...(all.some(({ why }) => why === 'changed')
      ? [
          '  = help: --force undoes what others have changed since, too; what a later run changed: roll that back first',
        ]
      : []),
    ...(all.some(({ why }) => why === 'referred')
      ? [
          '  = help: a foreign key is never broken, not by --force either: see to the rows that refer, then again',
        ]
      : []),
  ];
}

/** The document that `rollback --json` prints; its keys may be relied on. */
export function rollbackJson(result: RollbackResult): string {
  const { run, project, status, exitCode, mappings } = result;
  return JSON.stringify({ version: 1, run, project, status, exit_code: exitCode, mappings }, null, 2);
}
