import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createDatabase, OWNERS, withClient } from '../../engine/embedded/roles.js';
import { runSql } from '../../engine/embedded/sql-file.js';
import { emptied, rightsOf } from './emptied.js';

/** Two empty databases on the run's shared server, as `--embedded` makes them. Urls for pg. */
export interface Databases {
  /** As `etl_source`: may read, in read-only transactions. */
  readonly source: string;
  /** As `etl_target`: owns the database and what `target` SQL made; no superuser. */
  readonly target: string;
  /** As superuser, in the same two databases. */
  readonly sourceAdmin: string;
  readonly targetAdmin: string;
  drop(): Promise<void>;
}

/** A server with the roles of the embedded one: the superuser's url, and those of the others without a database. */
export interface ServerUrls {
  readonly admin: string;
  readonly source: string;
  readonly target: string;
}

async function serverUrls(): Promise<ServerUrls> {
  const answer = await fetch(inject('databaseServer'));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the test server does not start: ${text}`);
  const [admin = '', source = '', target = ''] = text.split('\n');
  return { admin, source, target };
}

/** The same login in another database of the server. */
function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/**
 * Makes a source and a target database and runs the SQL texts in them as their owners (COPY data blocks allowed).
 * For a test file's `beforeAll`; `drop` belongs into its `afterAll`.
 * @param servers others than the run's shared one
 */
export async function createDatabases(
  sql: { source?: string; target?: string } = {},
  servers: { readonly source?: ServerUrls | undefined; readonly target?: ServerUrls | undefined } = {},
): Promise<Databases> {
  const urls = {
    source: servers.source ?? (await serverUrls()),
    target: servers.target ?? (await serverUrls()),
  };
  const made = {
    source: await freshDatabase(urls.source, 'source'),
    target: await freshDatabase(urls.target, 'target'),
  };
  for (const kind of ['source', 'target'] as const) {
    const text = sql[kind];
    if (text === undefined) continue;
    await withClient(made[kind].admin, (client) =>
      runSql(client, Buffer.from(text), { name: `${kind} SQL of the test`, owner: OWNERS[kind] }),
    );
  }
  return {
    source: withDatabase(urls.source.source, made.source.name),
    target: withDatabase(urls.target.target, made.target.name),
    sourceAdmin: made.source.admin,
    targetAdmin: made.target.admin,
    drop: async () => {
      for (const kind of ['source', 'target'] as const) {
        const { admin, name, rights } = made[kind];
        if (await emptied(admin, rights)) FREE[kind].push(made[kind]);
        else await query(urls[kind].admin, `drop database ${name} with (force)`);
      }
    },
  };
}

interface Made {
  readonly name: string;
  /** Its url as superuser. */
  readonly admin: string;
  readonly rights: string;
}

/** Databases of this process that no test has now. */
const FREE: Readonly<Record<'source' | 'target', Made[]>> = { source: [], target: [] };

/** An empty database, new or as good as new. */
async function freshDatabase(server: ServerUrls, kind: 'source' | 'target'): Promise<Made> {
  const own = FREE[kind].findIndex(({ admin }) => new URL(admin).port === new URL(server.admin).port);
  const [free] = own < 0 ? [] : FREE[kind].splice(own, 1);
  if (free !== undefined) return free;
  const name = `${kind}_${randomBytes(6).toString('hex')}`;
  await withClient(server.admin, (client) => createDatabase(client, name, kind));
  const admin = withDatabase(server.admin, name);
  return { name, admin, rights: await rightsOf(admin) };
}

/** Runs SQL on a connection of its own; gives the last statement's rows, values as pg parses them. */
export async function query(
  url: string,
  sql: string,
  params: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  return withClient(url, async (client) => {
    // Parameters forbid several statements; several statements give a list of results.
    const result = await client.query<Record<string, unknown>>(
      sql,
      params.length > 0 ? [...params] : undefined,
    );
    return [result].flat().at(-1)?.rows ?? [];
  });
}
