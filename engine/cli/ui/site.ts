import { outline } from '../../compile/outline.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Connection } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import { stampOf, type LoadedProject } from '../../mapping/index.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { connectionParts } from '../../connection/parts.js';
import type { Site, SiteFiles } from '../../ui/site.js';
import { readLookups } from '../graph/reading.js';
import { isEmbeddedRunning, openForLooking } from '../databases.js';
import { loadSilently, type Loaded } from '../project.js';
import { version } from '../version.js';

/** Milliseconds for which nobody looks whether the files are others. */
const KNOWN_MS = 3000;

/** The files as they were read, and the folder's stamp from before that. */
export interface FirstReading {
  readonly loaded: Loaded;
  readonly stamp: string | null;
}

/** What the dashboard sees of a project. */
export function siteOf(first: FirstReading, folder: string, embedded: boolean): Site {
  const { project } = first.loaded;
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
    files: files(first, folder, embedded),
    graphOf: async ({ mappings, ...of }) => {
      const names = new Set(mappings.map(({ name }) => name));
      return outline({ mappings, ...of }, names, await readLookups(mappings));
    },
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
  const shown = host.includes(':') ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host;
  return `postgresql://${encodeURIComponent(user)}@${shown}:${String(port)}/${encodeURIComponent(database)}`;
}

interface Known {
  readonly stamp: string | null;
  readonly files: SiteFiles;
}

/** The files as they were read first, and again where any of them is another one, or something was wrong with them. */
function files({ loaded, stamp }: FirstReading, folder: string, embedded: boolean): Site['files'] {
  const first: Known = { stamp, files: filesOf(loaded) };
  let known = Promise.resolve(first);
  let at = Date.now();
  const renewed = async (before: Known): Promise<Known> => {
    const now = await stampOf(folder);
    if (now !== null && now === before.stamp && before.files.project !== null) return before;
    return { stamp: now, files: filesOf(await loadSilently(folder, embedded ? 'embedded' : 'connections')) };
  };
  return async () => {
    if (Date.now() - at > KNOWN_MS) {
      at = Date.now();
      known = known.catch(() => first).then(renewed);
    }
    return (await known).files;
  };
}

type Read = Pick<LoadedProject, 'project' | 'texts' | 'problems' | 'hash'>;

function filesOf({ project, texts, problems, hash }: Read): SiteFiles {
  const first = problems.find(({ severity }) => severity === 'error');
  const place = first?.at === undefined ? '' : `${first.at.file}:${String(first.at.line)}: `;
  return { project, texts, hash, problem: first === undefined ? null : `${place}${first.message}` };
}
