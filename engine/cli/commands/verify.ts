import { verifySummary, verifyText } from '../../../reports/verify.js';
import type { RunEvent } from '../../contract/events.js';
import { verifyProject } from '../../run/verify/verify.js';
import { StopSignal } from '../../run/stop.js';
import { openDatabases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { prepare } from '../prepare.js';
import { readProject, selectMappings } from '../project.js';

export interface VerifyFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly embedded: boolean;
  /** Differences of each kind and column that are named. */
  readonly limitDifferences: number;
}

/** `etl verify`: all checks again, on what is in both databases now. Gives the exit code. */
export async function verifyCommand(folder: string, flags: VerifyFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const selected = selectMappings(loaded, flags.select, flags.exclude, output);
  const say = output.quiet ? (): void => undefined : err;
  const databases = await openDatabases(loaded.project, flags.embedded, say);
  try {
    const { compiled, tables, source, target } = await prepare(loaded, selected, databases, output, {
      readsOnly: true,
    });
    const result = await verifyProject({
      project: loaded.project,
      compiled,
      tables,
      selected,
      ports: { open: databases.open, ...loaded.registries },
      emit: (event: RunEvent) => {
        if (event.type === 'notice') say(event.message);
      },
      stop: new StopSignal(),
      most: flags.limitDifferences,
      ends: { source, target },
    });
    out(output.json ? JSON.stringify(verifySummary(result), null, 2) : verifyText(result));
    return result.exitCode;
  } finally {
    await databases.close();
  }
}
