import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { RollbackResult } from '../../contract/rollback.js';
import { rollbackJson, rollbackText } from '../../../reports/rollback.js';
import { rollbackRun, type RollbackInput } from '../../run/rollback/rollback.js';
import { openDatabases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { readProject, selectAmong, showProblems, type Loaded } from '../project.js';

export interface RollbackFlags {
  /** Null for the last run that can be undone. */
  readonly run: string | null;
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly withDependants: boolean;
  readonly force: boolean;
  readonly yes: boolean;
  readonly embedded: boolean;
}

/** `etl rollback`: says what undoing a run would do, asks, and does it. Gives the exit code. */
export async function rollbackCommand(folder: string, flags: RollbackFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const say = (line: string): void => {
    if (!output.quiet) err(line);
  };
  const databases = await openDatabases(loaded.project, flags.embedded, say);
  try {
    const result = await rollbackRun({
      project: loaded.project,
      open: databases.open,
      run: flags.run,
      select: (mappings) => selected(loaded, mappings, flags, output),
      withDependants: flags.withDependants,
      force: flags.force,
      confirm: flags.yes ? null : ask,
      say,
    });
    out(output.json ? rollbackJson(result) : rollbackText(result, 'done'));
    return result.exitCode;
  } finally {
    await databases.close();
  }
}

/** Among the mappings of the run; their tags and phases are those that the project has now. */
function selected(
  { project, texts }: Loaded,
  mappings: Parameters<RollbackInput['select']>[0],
  flags: RollbackFlags,
  output: Output,
): ReadonlySet<string> {
  const nodes = mappings.map(({ name }) => {
    const now = project.mappings.find((mapping) => mapping.name === name);
    return {
      name,
      tags: now?.tags ?? [],
      phase: now?.phase ?? null,
      path: now === undefined ? '' : path.relative(project.folder, path.resolve(now.file)),
    };
  });
  const edges = mappings.flatMap(({ name, refersTo }) => refersTo.map((to) => ({ from: name, to })));
  return selectAmong({ nodes, edges, words: [] }, flags.select, flags.exclude, (problems) => {
    showProblems(problems, texts, output);
  });
}

/** @throws EtlError exit 2 where there is no terminal to ask on */
async function ask(would: RollbackResult): Promise<boolean> {
  err(rollbackText(would, 'would'));
  if (!process.stdin.isTTY) {
    throw new EtlError('nothing was undone: there is no terminal to ask on', {
      exitCode: EXIT.usage,
      help: 'add --yes to do what is listed above',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`undo run ${would.run}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
