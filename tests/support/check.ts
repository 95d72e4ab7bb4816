import { check } from '../../engine/check/check.js';
import { isVerified, openConnections } from '../../engine/cli/check/open.js';
import { openDatabases } from '../../engine/cli/databases.js';
import { readProject, selectMappings } from '../../engine/cli/project.js';
import type { CheckReport } from '../../engine/contract/finding.js';
import { adviceOn } from '../../reports/advice.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

/** As `etl check` does it, in this process. */
export async function checkFolder(folder: string): Promise<CheckReport> {
  const loaded = await readProject(folder, 'connections', QUIET);
  const { project, registries } = loaded;
  const databases = await openDatabases(project, false, () => undefined, { anyPooler: true });
  const { sessions, ...opened } = await openConnections(project, databases, false);
  try {
    return await check({
      ...opened,
      project,
      selected: selectMappings(loaded, [], [], QUIET),
      sessions,
      verified: (name) => isVerified(project.connections.get(name)),
      open: databases.open,
      registries,
      advise: adviceOn,
      full: true,
      statistics: false,
      jobs: 1,
      say: () => undefined,
    });
  } finally {
    for (const session of sessions.values()) await session.close();
    await databases.close();
  }
}
