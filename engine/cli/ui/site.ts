import { outline } from '../../compile/outline.js';
import { connectionParts } from '../../connection/parts.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Connection, Project } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import type { LoadedProject } from '../../mapping/index.js';
import { sqlstateOf } from '../../postgres/failure.js';
import type { Site, SiteFiles } from '../../ui/site.js';
import { isEmbeddedRunning, openForLooking } from '../databases.js';
import { loadSilently } from '../project.js';
import { version } from '../version.js';

/** Milliseconds for which the files are not read again. */
const KNOWN_MS = 3000;

/** What the dashboard sees of a project. */
export function siteOf(project: Project, folder: string, embedded: boolean): Site {
  return {
    project,
    folder,
    embedded,
    version: version(),
    connections: [...project.connections.values()].map((connection) => ({
      name: connection.name,
      side: connection.name === 'target' ? 'target' : 'source',
      url: embedded ? `--embedded: ${connection.name}` : shownUrl(connection),
    })),
    open: async () => {
      const databases = await openForLooking(project, embedded);
      if (databases === null) return null;
      const { exclusive } = databases;
      const session = (): Promise<Session> => databases.open('target').catch(stillBuilding);
      return { exclusive, session, close: () => databases.close() };
    },
    mayChange: async () => !embedded || (await isEmbeddedRunning(project)),
    files: files(folder, embedded),
    graphOf: (of) => outline(of, new Set(of.mappings.map(({ name }) => name))),
  };
}

const NO_DATABASE = '3D000';

/** The embedded server is there before its databases. */
function stillBuilding(error: unknown): never {
  if (sqlstateOf(error) !== NO_DATABASE) throw error;
  throw new EtlError('there is no such database yet, or no more', {
    exitCode: EXIT.transient,
    help: 'an embedded server builds it when it starts',
    cause: error,
  });
}

function shownUrl(connection: Connection): string {
  const { host, port, database, user } = connectionParts(connection);
  return `postgresql://${encodeURIComponent(user)}@${host}:${String(port)}/${encodeURIComponent(database)}`;
}

/** Reads the folder, and again when somebody asks later. */
function files(folder: string, embedded: boolean): Site['files'] {
  let known: { readonly at: number; readonly files: Promise<SiteFiles> } | null = null;
  return () => {
    if (known === null || Date.now() - known.at > KNOWN_MS) {
      const loading = loadSilently(folder, embedded ? 'embedded' : 'connections').then(filesOf);
      known = { at: Date.now(), files: loading };
    }
    return known.files;
  };
}

function filesOf({ project, texts, problems, hash }: LoadedProject): SiteFiles {
  const first = problems.find(({ severity }) => severity === 'error');
  const place = first?.at === undefined ? '' : `${first.at.file}:${String(first.at.line)}: `;
  return { project, texts, hash, problem: first === undefined ? null : `${place}${first.message}` };
}
