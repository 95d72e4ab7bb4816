import { EXIT, EtlError } from '../../contract/errors.js';
import { readLastRun, type LastRun } from '../../state/last-run.js';
import { err, out, type Output } from '../io.js';
import { migrate, type MigrateFlags } from '../migrate.js';

/** `etl resume`: goes on with the project's last run where it did not succeed. Gives the exit code. */
export const resumeCommand = (folder: string, flags: MigrateFlags, output: Output): Promise<number> =>
  migrate(folder, flags, output, async ({ project }, databases) => {
    const session = await (await databases()).open('target');
    const last = await readLastRun(session, project.stateSchema, project.name).finally(() => session.close());
    const command = ['etl run', folder, ...(flags.embedded ? ['--embedded'] : [])].join(' ');
    if (last === null || last.status === 'rolled_back') {
      throw new EtlError(
        last === null
          ? `project "${project.name}" has no run to go on with`
          : `the last run, ${last.run}, was rolled back: there is nothing to go on with`,
        { exitCode: EXIT.usage, help: `begin one: ${command}` },
      );
    }
    if (last.status === 'succeeded') {
      if (output.json)
        out(
          JSON.stringify(
            { version: 1, run: last.run, status: last.status, exit_code: last.exitCode },
            null,
            2,
          ),
        );
      err(`run ${last.run} has come to its end: there is nothing to go on with. A new run: ${command}`);
      return EXIT.done;
    }
    const known = new Set(project.mappings.map((mapping) => mapping.name));
    const selected = last.selection.filter((name) => known.has(name));
    assertAll(last, selected, command);
    if (!output.quiet) err(`going on with run ${last.run}, begun ${last.startedAt}`);
    return { selected: new Set(selected), resume: last.run, fresh: false };
  });

/** A mapping that is gone has left rows that nobody would look after. */
function assertAll({ run, selection }: LastRun, selected: readonly string[], command: string): void {
  const gone = selection.filter((name) => !selected.includes(name));
  if (gone.length === 0 && selected.length > 0) return;
  const what =
    gone.length === 0
      ? 'does not say what it loads'
      : `loads ${gone.join(', ')}, which the project does not have any more`;
  throw new EtlError(`run ${run} ${what}`, {
    exitCode: EXIT.usage,
    help: `bring the mapping back, or take the run back (etl rollback) and begin a new one: ${command}`,
  });
}
