import { stat } from 'node:fs/promises';
import path from 'node:path';
import { serverAccount } from './account.js';
import { discardCluster } from './base.js';
import { type Binaries, locateBinaries } from './binaries.js';
import { initialise } from './cluster.js';
import { stopOrphan } from './orphan.js';
import { takeOwnership } from './owner.js';
import {
  clusterOf,
  findCluster,
  makePlace,
  newPassword,
  type Passwords,
  type Pointer,
  realFolder,
  sweep,
  writePointer,
} from './place.js';
import { type Postmaster, startPostmaster } from './postmaster.js';
import { type Account, runProgram } from './program.js';
import { createRoles, LOGINS, type Role, withClient } from './roles.js';

/** A running PostgreSQL on 127.0.0.1. Its urls hold passwords: secrets. */
export interface EmbeddedServer {
  readonly port: number;
  /** As PostgreSQL says it: `18.4`. */
  readonly version: string;
  /** Of a database for a role; left out: the role of the database `source` or `target`, else `admin`. */
  url(database: string, role?: Role): string;
  /** Ends the server; its data stay. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Where data and passwords are kept, `<project>/.etl/embedded`; made where missing, deleted to start anew. */
  readonly folder: string;
  /** False: a crash of the machine may cost the data (tests). Default true. A killed process never does. */
  readonly durable?: boolean;
}

interface Environment {
  readonly folder: string;
  readonly durable: boolean;
  readonly account: Account;
  readonly binaries: Binaries;
}

interface Running {
  readonly postmaster: Postmaster;
  readonly passwords: Passwords;
}

/**
 * Starts the server of a project folder, with the data that an earlier command left there or with new ones. What a
 * killed command left running or half-built is cleared first. Works as root (see {@link serverAccount}) and as a
 * normal user. Throws EtlError: package missing, folder in use by a living process, server does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const folder = await realFolder(options.folder);
  const release = await takeOwnership(folder);
  try {
    const found = await findCluster(folder);
    await sweep(folder, found?.id ?? null);
    const account = await serverAccount(found && path.join(clusterOf(folder, found), 'data'));
    const binaries = await locateBinaries(account);
    const environment = { folder, durable: options.durable ?? true, account, binaries };
    const running = await (found ? restart(environment, found) : build(environment));
    return await serverOf(running, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function start(environment: Environment, cluster: string): Promise<Postmaster> {
  const { account, durable, binaries } = environment;
  return startPostmaster({ postgres: binaries.postgres, cluster, account, durable });
}

async function restart(environment: Environment, pointer: Pointer): Promise<Running> {
  const { account, folder } = environment;
  const cluster = clusterOf(folder, pointer);
  const data = path.join(cluster, 'data');
  await stopOrphan(data);
  if (account !== null && (await stat(data)).uid === 0) {
    // A project that root copied: PostgreSQL wants its data to be its own.
    await runProgram('chown', ['-R', `${account.uid}:${account.gid}`, data]);
  }
  return { postmaster: await start(environment, cluster), passwords: pointer.passwords };
}

async function build(environment: Environment): Promise<Running> {
  const { folder, account } = environment;
  const place = await makePlace(folder, account);
  const cluster = clusterOf(folder, place);
  const passwords = { admin: newPassword(), source: newPassword(), target: newPassword() };
  try {
    await initialise(cluster, { ...environment, password: passwords.admin });
    const postmaster = await start(environment, cluster);
    await createRoles(urlOf(postmaster.port, passwords, 'postgres', 'admin'), passwords);
    await writePointer(folder, { ...place, passwords });
    return { postmaster, passwords };
  } catch (error) {
    await discardCluster(cluster);
    throw error;
  }
}

function urlOf(port: number, passwords: Passwords, database: string, role: Role): string {
  return `postgres://${LOGINS[role]}:${passwords[role]}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

async function serverOf(running: Running, release: () => Promise<void>): Promise<EmbeddedServer> {
  const { postmaster, passwords } = running;
  const { port } = postmaster;
  try {
    const version = await withClient(urlOf(port, passwords, 'postgres', 'admin'), async (client) => {
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return rows[0]?.server_version ?? '';
    });
    return {
      port,
      version,
      url: (database, role) => urlOf(port, passwords, database, role ?? roleOf(database)),
      stop: async () => {
        await postmaster.stop();
        await release();
      },
    };
  } catch (error) {
    await postmaster.stop();
    throw error;
  }
}

function roleOf(database: string): Role {
  return database === 'source' || database === 'target' ? database : 'admin';
}
