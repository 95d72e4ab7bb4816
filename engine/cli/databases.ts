import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Connection, Project } from '../contract/mapping.js';
import type { EmbeddedServer } from '../embedded/index.js';
import { shownPath } from '../mapping/index.js';
import { PgSession } from '../postgres/connect.js';
import { KeptSessions } from '../postgres/kept-sessions.js';
import { poolerOf, transactionPooler } from '../postgres/pooler.js';
import type { Limits } from '../postgres/settings.js';
import { operatorName } from './operator.js';

/** The databases of a command, wherever they are. */
export interface Databases {
  /** The embedded server was started for them: other commands wait until they are closed. */
  readonly exclusive: boolean;
  /** Opens a session on a connection of the project. */
  readonly open: (connection: string) => Promise<PgSession>;
  /** Ends at once what is open, the servers' work for it included. */
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** Where a project keeps what is not part of it: data of the embedded server, reports, logs. */
export const workFolder = (project: Project): string => path.join(project.folder, '.etl');

export interface OpenOptions {
  readonly limits?: Limits;
  /** Poolers in transaction mode are somebody else's finding; they are refused otherwise. */
  readonly anyPooler?: boolean;
}

/** The project's own connections, or the embedded server's two databases, built where they are missing. */
export async function openDatabases(
  project: Project,
  embedded: boolean,
  say: (line: string) => void,
  options: OpenOptions = {},
): Promise<Databases> {
  const server = embedded ? await startServer(project, say) : null;
  return databasesOf(project, server, new Map(project.connections), options);
}

/** Whether another command runs a project's embedded server now. */
export async function isEmbeddedRunning(project: Project): Promise<boolean> {
  const { findEmbedded } = await import('../embedded/index.js');
  return (await findEmbedded(embeddedFolder(project))).kind === 'running';
}

/**
 * The target alone, for a command that only looks: the embedded server of a command under way is used, not started
 * a second time; null where none was built yet.
 */
export async function openForLooking(project: Project, embedded: boolean): Promise<Databases | null> {
  if (!embedded) return openDatabases(project, false, () => undefined);
  const { findEmbedded } = await import('../embedded/index.js');
  const found = await findEmbedded(embeddedFolder(project));
  if (found.kind === 'none') return null;
  if (found.kind === 'idle') return openDatabases(project, true, () => undefined);
  const target = embeddedConnection(project, 'target', found.targetUrl);
  return databasesOf(project, null, new Map([['target', target]]));
}

const embeddedFolder = (project: Project): string => path.join(workFolder(project), 'embedded');

function databasesOf(
  project: Project,
  server: EmbeddedServer | null,
  connections: Map<string, Connection>,
  { limits, anyPooler = false }: OpenOptions = {},
): Databases {
  if (server !== null) {
    for (const name of ['source', 'target'] as const) {
      connections.set(name, embeddedConnection(project, name, server.url(name, name)));
    }
  }
  const pids = new Map<Connection, number[]>();
  const application = `crosswalk ${project.name}`;
  const operator = operatorName();
  const judged = new Map<Connection, Promise<void>>();
  const kept = new KeptSessions<Connection>();
  const open = async (connection: Connection): Promise<PgSession> => {
    const session = await PgSession.open(connection, application, {
      operator,
      keep: (session) => {
        kept.keep(connection, session);
      },
      ...(limits === undefined ? {} : { limits }),
    });
    pids.set(connection, [...(pids.get(connection) ?? []), session.pid]);
    return session;
  };
  const judge = async (connection: Connection, session: PgSession): Promise<void> => {
    if ((await poolerOf(session, () => open(connection))) === 'transaction')
      throw transactionPooler(connection.name);
  };
  return {
    exclusive: server !== null,
    open: async (name) => {
      const connection = connections.get(name);
      if (connection === undefined) {
        throw new EtlError(`no connection is named "${name}"`, {
          exitCode: EXIT.usage,
          help: `add it to connections in etl.yaml; there are ${[...connections.keys()].join(', ')}`,
        });
      }
      const session = (await kept.take(connection)) ?? (await open(connection));
      if (anyPooler) return session;
      const judgement = judged.get(connection) ?? judge(connection, session);
      judged.set(connection, judgement);
      await judgement.catch(async (error: unknown) => {
        judged.delete(connection);
        await session.close();
        throw error;
      });
      return session;
    },
    abort: async () => {
      if (server !== null) await server.stop();
      else await Promise.all([...pids].map(([connection, list]) => terminate(connection, application, list)));
    },
    close: async () => {
      await kept.close();
      await server?.stop();
    },
  };
}

/** By name as well: the id of a session that is over may be another program's by now. */
async function terminate(
  connection: Connection,
  application: string,
  pids: readonly number[],
): Promise<void> {
  const session = await PgSession.open(connection, `${application}: stop`);
  await session.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where pid = any ($1::int[]) and application_name = $2::name and usename = current_user`,
    [`{${pids.join(',')}}`, application],
  );
  await session.close();
}

function embeddedConnection(project: Project, name: string, url: string): Connection {
  const declared = project.connections.get(name);
  const at = declared?.at ?? { file: 'etl.yaml', line: 1, column: 1, length: 1 };
  return {
    name,
    url,
    isOwn: true,
    ssl: 'disable',
    ca: null,
    searchPath: declared?.searchPath ?? [],
    origin: '--embedded',
    at,
  };
}

/** The SQL files of `embedded:`. @throws EtlError where there is none */
function embeddedFiles({ embedded }: Project, what: string): NonNullable<Project['embedded']> {
  if (embedded !== null) return embedded;
  throw new EtlError(`etl.yaml does not say what ${what}`, {
    exitCode: EXIT.usage,
    help: 'add embedded: { source: [schema.sql, …], target: [schema.sql, …] }; pg_dump --schema-only writes such files',
  });
}

/**
 * Two databases of the embedded server for unit tests: the tables of both sides as the files of `embedded:` make them,
 * without rows and without foreign keys. They are built again when a file changes.
 */
export async function openTestDatabases(project: Project, say: (line: string) => void): Promise<Databases> {
  const files = embeddedFiles(project, 'tables the tests need');
  const { startEmbedded, buildDatabases, emptyTables } = await import('../embedded/index.js');
  const folder = path.join(workFolder(project), 'test');
  if (!existsSync(folder))
    say('embedded PostgreSQL: building the databases of the tests, this takes a moment');
  // Nothing in them is worth a flush to the disk.
  const server = await startEmbedded({ folder, durable: false });
  try {
    await buildDatabases(server, files, { rebuild: true, prepare: emptyTables });
    return databasesOf(project, server, new Map(project.connections));
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** `etl status` and `etl ui` hold an idle server for a moment when they look at what a run has left. */
const MOMENT_MS = 4000;

async function patiently(begin: () => Promise<EmbeddedServer>): Promise<EmbeddedServer> {
  const until = Date.now() + MOMENT_MS;
  for (;;) {
    try {
      return await begin();
    } catch (error) {
      const isOccupied = error instanceof EtlError && error.exitCode === EXIT.transient;
      if (!isOccupied || Date.now() > until) throw error;
      await wait(200);
    }
  }
}

async function startServer(project: Project, say: (line: string) => void): Promise<EmbeddedServer> {
  const embedded = embeddedFiles(project, '--embedded builds');
  // Loaded only here: every other command works without the optional package.
  const { startEmbedded, buildDatabases } = await import('../embedded/index.js');
  const folder = embeddedFolder(project);
  const shown = shownPath(folder, process.cwd());
  if (!existsSync(folder)) say('embedded PostgreSQL: building source and target, this takes a moment');
  const server = await patiently(() => startEmbedded({ folder }));
  try {
    const { built, stale } = await buildDatabases(server, embedded);
    say(
      built
        ? `embedded PostgreSQL ${server.version}: source and target built in ${shown}`
        : `embedded PostgreSQL ${server.version}: as the last command left it (to start afresh: rm -r ${shown})`,
    );
    if (stale)
      say(`the SQL files or settings of embedded: have changed since; to build them again: rm -r ${shown}`);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
