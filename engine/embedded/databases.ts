import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import type { EmbeddedFiles } from '../contract/mapping.js';
import { createDatabase, OWNERS, withClient } from './roles.js';
import type { EmbeddedServer } from './server.js';
import { applySettings, runSqlFile } from './sql-file.js';

/** No settings unless some are given. */
export type DatabaseFiles = Omit<EmbeddedFiles, 'settings'> & Partial<Pick<EmbeddedFiles, 'settings'>>;

type Name = 'source' | 'target';

const NO_SETTINGS: EmbeddedFiles['settings'] = new Map();

/** The comment on a finished database: a hash of its files and settings. One without it is half-built. */
const BUILT_FROM = /^built by etl from ([0-9a-f]{64})$/;

export interface BuildOptions {
  /** Databases whose files have changed are built again; what they held is lost. Default: they stay, `stale`. */
  readonly rebuild?: boolean;
  /** Works as superuser on each database that was built, before it counts as such. */
  readonly prepare?: (admin: Client) => Promise<void>;
}

/**
 * Builds the databases `source` and `target` from SQL files where they are missing. The files run as owners without
 * superuser rights; `etl_source` may only read its database, `etl_target` owns its own. Databases that stand are left
 * as they are; `stale` says that a file or setting changed since. Throws EtlError with file and line of a statement that fails;
 * then no database of this call is left.
 */
export async function buildDatabases(
  server: EmbeddedServer,
  files: DatabaseFiles,
  { rebuild = false, prepare }: BuildOptions = {},
): Promise<{ built: boolean; stale: boolean }> {
  return withClient(server.url('postgres', 'admin'), async (admin) => {
    const { settings = NO_SETTINGS } = files;
    const hashes = {
      source: await hashOf(files.source, settings),
      target: await hashOf(files.target, settings),
    };
    const found = { source: await builtFrom(admin, 'source'), target: await builtFrom(admin, 'target') };
    const isStale = (name: Name): boolean => found[name] !== null && found[name] !== hashes[name];
    const missing = (['source', 'target'] as const).filter(
      (name) => found[name] === null || (rebuild && isStale(name)),
    );
    try {
      for (const name of missing) {
        await build(server, admin, name, files);
        if (prepare !== undefined) await withClient(server.url(name, 'admin'), prepare);
      }
      // Written last, and durable as a commit is: from here on the databases count as built.
      for (const name of missing) {
        await admin.query(`comment on database ${name} is 'built by etl from ${hashes[name]}'`);
      }
    } catch (error) {
      for (const name of missing) await drop(admin, name);
      throw error;
    }
    return { built: missing.length > 0, stale: !rebuild && (isStale('source') || isStale('target')) };
  });
}

async function build(
  server: EmbeddedServer,
  admin: Client,
  name: Name,
  { settings = NO_SETTINGS, ...files }: DatabaseFiles,
): Promise<void> {
  await drop(admin, name);
  await createDatabase(admin, name, name);
  for (const file of files[name]) {
    await withClient(server.url(name, 'admin'), async (client) => {
      await applySettings(client, settings);
      // One commit a statement, as psql does; the comment on the database makes all of them durable.
      await client.query('set synchronous_commit = off');
      await runSqlFile(client, file, OWNERS[name]);
    });
  }
  await withClient(server.url(name, 'admin'), (client) => client.query('analyze'));
}

async function drop(admin: Client, name: string): Promise<void> {
  await admin.query(`drop database if exists ${admin.escapeIdentifier(name)} with (force)`);
}

/** The hash that a finished database was built from; null where there is none. */
async function builtFrom(admin: Client, name: string): Promise<string | null> {
  const { rows } = await admin.query<{ comment: string | null }>(
    `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
    [name],
  );
  return BUILT_FROM.exec(rows[0]?.comment ?? '')?.[1] ?? null;
}

/** sha256 of the files' contents in their order; a file that is missing counts, building names it. */
async function hashOf(files: readonly string[], settings: EmbeddedFiles['settings']): Promise<string> {
  const hash = createHash('sha256');
  if (settings.size > 0) hash.update(JSON.stringify([...settings]));
  for (const file of files) {
    const content = await readFile(file).catch(() => Buffer.from('missing'));
    hash.update(createHash('sha256').update(content).digest());
  }
  return hash.digest('hex');
}
