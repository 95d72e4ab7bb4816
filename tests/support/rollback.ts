import { openDatabases } from '../../engine/cli/databases.js';
import { readProject } from '../../engine/cli/project.js';
import type { RollbackResult } from '../../engine/contract/rollback.js';
import { rollbackRun } from '../../engine/run/rollback/rollback.js';
import type { Child, TestProject } from './project.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

export interface RollbackOptions {
  readonly run?: string;
  readonly select?: readonly string[];
  readonly withDependants?: boolean;
  readonly force?: boolean;
  readonly confirm?: (would: RollbackResult) => Promise<boolean>;
  /** Target url in place of the project's own: another role. */
  readonly target?: string;
}

/** As `etl rollback` does it, in this process. */
export async function rollback(project: TestProject, options: RollbackOptions = {}): Promise<RollbackResult> {
  const before = process.env['TRIAL_TARGET'];
  if (options.target !== undefined) process.env['TRIAL_TARGET'] = options.target;
  const loaded = await readProject(project.folder, 'connections', QUIET).finally(() => {
    if (before === undefined) delete process.env['TRIAL_TARGET'];
    else process.env['TRIAL_TARGET'] = before;
  });
  const databases = await openDatabases(loaded.project, false, () => undefined);
  try {
    return await rollbackRun({
      project: loaded.project,
      open: databases.open,
      run: options.run ?? null,
      select: (mappings) => new Set(options.select ?? mappings.map(({ name }) => name)),
      withDependants: options.withDependants ?? false,
      force: options.force ?? false,
      confirm: options.confirm ?? null,
      say: () => undefined,
    });
  } finally {
    await databases.close();
  }
}

/** Every row of every table outside of the state schema, as text. */
export async function dump(project: TestProject): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await project.target(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('etl', 'pg_catalog', 'information_schema') order by 1`,
  );
  const found: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const rows = await project.target(`select t::text as row from ${String(name)} t order by 1`);
    found[String(name)] = rows.map(({ row }) => String(row));
  }
  return found;
}

/** What a rollback came to, one line a mapping: `item: deleted 3, kept 1`. */
export const lines = ({ mappings }: RollbackResult): readonly string[] =>
  mappings.map(({ mapping, deleted, restored, reinserted, gone, forced, kept }) => {
    const counts = Object.entries({ deleted, restored, reinserted, gone, forced, kept: kept.length });
    const said = counts.filter(([, count]) => count > 0).map(([word, count]) => `${word} ${String(count)}`);
    return `${mapping}: ${said.join(', ')}`;
  });

/** `etl rollback` as a process of its own, from the built files. */
export function spawnRollback(project: TestProject, args: readonly string[] = ['--yes']): Child {
  return project.spawn(args, 'rollback');
}
