import { EXIT, EtlError } from '../../contract/errors.js';
import { migrate, type MigrateFlags } from '../migrate.js';
import type { Output } from '../io.js';
import { agreedOf, assertFresh, readPlan, type PlanFile } from '../plan-file.js';
import { selectMappings, type Loaded } from '../project.js';
import type { TestFlags } from '../test-modes.js';

export interface RunFlags extends MigrateFlags, TestFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly fresh: boolean;
  readonly force: boolean;
  /** A file of `etl plan --out` that the run has to keep to; null where there is none. */
  readonly plan: string | null;
}

/** `etl run`: plan, load, check, report. Gives the exit code. */
export async function runCommand(folder: string, flags: RunFlags, output: Output): Promise<number> {
  const file = flags.plan === null ? null : await readPlan(flags.plan);
  if (file !== null && flags.select.length + flags.exclude.length > 0) {
    throw new EtlError('--plan says what is selected: leave --select and --exclude out', {
      exitCode: EXIT.usage,
      help: 'etl plan takes them',
    });
  }
  return migrate(folder, flags, output, (loaded) => {
    const selected =
      file === null
        ? selectMappings(loaded, flags.select, flags.exclude, output)
        : plannedSelection(file, loaded);
    return {
      selected,
      resume: null,
      test: flags,
      fresh: flags.fresh,
      force: flags.force,
      ...(file === null
        ? {}
        : {
            agree: (prepared) => {
              assertFresh(file, agreedOf(loaded, prepared, { selected, embedded: flags.embedded }));
            },
          }),
    };
  });
}

/** The mappings of a plan. @throws EtlError exit 2 where it is another project's, or one of them is gone */
function plannedSelection(file: PlanFile, { project }: Loaded): ReadonlySet<string> {
  const help = `make it again: etl plan DIR --out ${file.file}`;
  if (file.project !== project.name) {
    const message = `the plan ${file.file} is of the project ${file.project}, this is ${project.name}`;
    throw new EtlError(message, { exitCode: EXIT.usage, help });
  }
  const there = new Set(project.mappings.map(({ name }) => name));
  const gone = file.selection.filter((name) => !there.has(name));
  if (gone.length === 0) return new Set(file.selection);
  const message = `the plan ${file.file} is stale: there is no mapping ${gone.join(', ')} any more`;
  throw new EtlError(message, { exitCode: EXIT.usage, help });
}
