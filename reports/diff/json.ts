import { CHANGE_CLASSES, worstOf, type ProjectDiff } from '../../engine/contract/diff.js';

/** What `etl diff --json` prints: docs/schema/v1/diff.schema.json. */
export function diffSummary(diff: ProjectDiff, exitCode: number) {
  const { project, base, head, changes, edges, rerun, untold, sample, planHash, notes } = diff;
  return {
    ...{ version: 1, project, exit_code: exitCode, base, head },
    worst: worstOf(changes),
    counts: Object.fromEntries(
      CHANGE_CLASSES.map((name) => [name, changes.filter((change) => change.class === name).length]),
    ),
    changes: changes.map(({ class: own, key, mappings, what, before, after, consequence, ...rest }) => ({
      ...{ class: own, key, mappings, what, before, after, consequence },
      file: rest.at.file,
      line: rest.at.line,
      column: rest.at.column,
      side: rest.side,
      was: rest.was === null ? null : { file: rest.was.file, line: rest.was.line, column: rest.was.column },
      needs_run: rest.needsRun,
      dependants: rest.dependants,
    })),
    edges: {
      appear: edges.appear.map(edge),
      vanish: edges.vanish.map(edge),
    },
    must_run: rerun,
    text_alone: untold,
    sample,
    plan_hash: planHash,
    notes,
  };
}

const edge = ({ kind, from, to, column, at }: ProjectDiff['edges']['appear'][number]) => ({
  ...{ kind, from, to, column, file: at.file, line: at.line },
});
