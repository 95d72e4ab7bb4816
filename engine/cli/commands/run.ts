import { migrate, type MigrateFlags } from '../migrate.js';
import type { Output } from '../io.js';
import { selectMappings } from '../project.js';
import type { TestFlags } from '../test-modes.js';

export interface RunFlags extends MigrateFlags, TestFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly fresh: boolean;
  readonly force: boolean;
}

/** `etl run`: plan, load, check, report. Gives the exit code. */
export const runCommand = (folder: string, flags: RunFlags, output: Output): Promise<number> =>
  migrate(folder, flags, output, (loaded) => ({
    selected: selectMappings(loaded, flags.select, flags.exclude, output),
    resume: null,
    test: flags,
    fresh: flags.fresh,
    force: flags.force,
  }));
