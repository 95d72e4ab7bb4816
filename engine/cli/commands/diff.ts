import { gravity, worstOf, type ChangeClass, type ProjectDiff } from '../../contract/diff.js';
import { EXIT, EtlError, type ExitCode } from '../../contract/errors.js';
import { diffProjects } from '../../diff/diff.js';
import { loadParser, SqlTrees } from '../../sql/index.js';
import { diffAnnotations, diffMarkdown, diffSummary, diffText } from '../../../reports/diff/index.js';
import { loadSides, type Sides, type Sought } from '../diff/sides.js';
import { out, type Output } from '../io.js';

export interface DiffFlags {
  readonly base: string | null;
  readonly baseDir: string | null;
  /** Null for the working tree. */
  readonly head: string | null;
  readonly format: 'text' | 'markdown' | 'json' | 'github';
  /** Rows of each changed mapping that go through both states; null for none: no database is asked. */
  readonly sample: number | null;
  readonly embedded: boolean;
  /** The class from which on the exit code is 6. */
  readonly failOn: ChangeClass | null;
}

/** `etl diff`: what a change of the files does to the data. */
export async function diffCommand(folder: string, flags: DiffFlags, output: Output): Promise<number> {
  const sides = await loadSides({ folder, base: baseOf(flags), head: flags.head }, output);
  try {
    const trees = new SqlTrees(await loadParser());
    const found = diffProjects(sides.base, sides.head, trees);
    const { notes, ...rows } = await sampleOf(folder, sides, found, flags, output);
    const diff = { ...found, ...rows, notes: [...sides.notes, ...notes] };
    const exitCode = exitOf(diff, flags.failOn);
    const document = render(diff, output.json ? 'json' : flags.format, exitCode);
    if (document !== '') out(document);
    return exitCode;
  } finally {
    await sides.close();
  }
}

async function sampleOf(
  folder: string,
  sides: Sides,
  found: ProjectDiff,
  { sample: rows, embedded }: DiffFlags,
  output: Output,
): Promise<Pick<ProjectDiff, 'sample' | 'planHash' | 'notes'>> {
  if (rows === null) return { sample: null, planHash: null, notes: [] };
  // Drivers and the engine: for those alone who ask for rows.
  const { sampleRows } = await import('../diff/sample.js');
  return sampleRows(folder, sides, found, { rows, embedded }, output);
}

function baseOf({ base, baseDir }: DiffFlags): Sought['base'] {
  if (base !== null && baseDir === null) return { ref: base };
  if (baseDir !== null && base === null) return { folder: baseDir };
  throw new EtlError('etl diff compares with one state: a commit (--base REF) or a folder (--base-dir DIR)', {
    exitCode: EXIT.usage,
    help: 'etl diff mappings --base main',
  });
}

function exitOf({ changes }: ProjectDiff, failOn: ChangeClass | null): ExitCode {
  const worst = worstOf(changes);
  return failOn !== null && worst !== null && gravity(worst) >= gravity(failOn) ? EXIT.todo : EXIT.done;
}

function render(diff: ProjectDiff, format: DiffFlags['format'], exitCode: ExitCode): string {
  switch (format) {
    case 'json':
      return JSON.stringify(diffSummary(diff, exitCode), null, 2);
    case 'markdown':
      return diffMarkdown(diff);
    case 'github':
      return diffAnnotations(diff);
    case 'text':
      return diffText(diff);
  }
}
