import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../../engine/embedded/roles.js';
import { startEmbedded, type EmbeddedServer } from '../../engine/embedded/index.js';
import { CHECKOUT, temporary } from '../cli/etl.js';
import { Authority, canCertify, install } from '../support/certificates.js';
import { missingLine, stepsOf, type Step } from './guide.js';

const GUIDES = path.join(CHECKOUT, 'docs/guides');
const FIRST = path.join(CHECKOUT, 'docs/examples/first');
const DATABASES = { source: 'old_shop', target: 'new_shop' } as const;

let server: EmbeddedServer;
let authority: Authority | null = null;
/** A folder with a `npx` that starts the built command. */
let programs: string;

beforeAll(async () => {
  const place = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-guides-'));
  server = await startEmbedded({ folder: path.join(place, 'server'), durable: false });
  programs = path.join(place, 'bin');
  await mkdir(programs);
  const npx = path.join(programs, 'npx');
  const main = path.join(CHECKOUT, 'dist/bin/etl/main.js');
  await writeFile(npx, `#!/bin/sh\n[ "$1" = etl ] && shift && exec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(npx, 0o755);
  if (canCertify) await encrypt(new Authority());
}, 120_000);
afterAll(() => server.stop());

async function encrypt(of: Authority): Promise<void> {
  authority = of;
  await withClient(server.url('postgres', 'admin'), async (admin) => {
    const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
    const files = install(of.sign('localhost', 365), rows[0]?.data_directory ?? '');
    for (const [name, value] of Object.entries({ ...files, ssl: 'on' }))
      await admin.query(`alter system set ${name} = '${value}'`);
    await admin.query('select pg_reload_conf()');
  });
}

/** Two databases as the first migration's schema files make them, and a folder with its project `shop`. */
async function begin(): Promise<string> {
  await withClient(server.url('postgres', 'admin'), async (admin) => {
    for (const name of Object.values(DATABASES)) {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.query(`create database ${name}`);
    }
    for (const role of ['migration_reader', 'migration_writer'])
      await admin.query(`drop role if exists ${role}`);
  });
  for (const [side, name] of Object.entries(DATABASES)) {
    const sql = await readFile(path.join(FIRST, `schema/${side}.sql`), 'utf8');
    await withClient(server.url(name, 'admin'), (admin) => admin.query(sql));
  }
  const folder = await temporary('crosswalk-guide-');
  const shop = path.join(folder, 'shop');
  await cp(FIRST, shop, { recursive: true });
  const url = (user: string, password: string, name: string): string =>
    `postgresql://${user}:${password}@localhost:${String(server.port)}/${name}`;
  await writeFile(
    path.join(shop, '.env'),
    `SOURCE_DATABASE_URL=${url('migration_reader', 'choose-one', DATABASES.source)}
TARGET_DATABASE_URL=${url('migration_writer', 'choose-another', DATABASES.target)}\n`,
  );
  if (authority !== null) {
    await mkdir(path.join(shop, 'certs'));
    for (const name of ['rds', 'supabase']) await cp(authority.file, path.join(shop, `certs/${name}.pem`));
  }
  return folder;
}

const shell = (text: string, cwd: string): Promise<{ code: number | null; printed: string }> =>
  new Promise((resolve, reject) => {
    const env = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, HOME: process.env['HOME'] };
    const child = spawn('sh', ['-c', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, printed });
    });
  });

async function carryOut(step: Exclude<Step, { kind: 'command' }>, folder: string): Promise<void> {
  if (step.kind === 'sql') {
    await withClient(server.url(DATABASES[step.database], 'admin'), (admin) => admin.query(step.text));
    return;
  }
  // Without openssl the server has no certificate to show.
  const text = authority === null ? step.text.replaceAll(/, ssl: verify-full, ca: \S+/g, '') : step.text;
  await writeFile(path.join(folder, step.path), text);
}

/** Carries a page out, and gives how many commands that were. */
async function follow(page: string, folder: string): Promise<number> {
  const text = await readFile(path.join(GUIDES, page), 'utf8');
  const steps = stepsOf(text);
  for (const step of steps) {
    if (step.kind !== 'command') {
      await carryOut(step, folder);
      continue;
    }
    const { code, printed } = await shell(step.text, folder);
    const what = `${page}:${String(step.line)}: ${step.text}\n${printed}`;
    expect(code, what).toBe(step.exit);
    expect(missingLine(step.says, printed), what).toBeNull();
  }
  return steps.filter(({ kind }) => kind === 'command').length;
}

describe('a guide does what it says', () => {
  test('databases.md, then cut-over.md', async () => {
    const folder = await begin();
    expect(await follow('databases.md', folder)).toBeGreaterThan(9);
    expect(await follow('cut-over.md', folder)).toBeGreaterThan(9);
  }, 240_000);

  test('recovery.md', async () => {
    const folder = await begin();
    // The roles and connections of databases.md.
    for (const step of stepsOf(await readFile(path.join(GUIDES, 'databases.md'), 'utf8')))
      if (step.kind !== 'command') await carryOut(step, folder);
    expect(await follow('recovery.md', folder)).toBeGreaterThan(9);
  }, 240_000);
});
