import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { CheckReport } from '../../engine/contract/finding.js';
import type { Connection } from '../../engine/contract/mapping.js';
import { withClient } from '../../engine/embedded/roles.js';
import { startEmbedded } from '../../engine/embedded/index.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { etl, project, write } from '../cli/etl.js';
import { SMALL, SMALL_SQL } from '../cli/small.js';
import { Authority, canCertify, install } from '../support/certificates.js';
import { createDatabases, query, type Databases } from '../support/database.js';
import { login, place as at } from '../support/login.js';
import { hasPooler, startPooler } from '../support/pooler.js';

let databases: Databases;
let folder: string;
let url: URL;
let secret: string;
/** The url without its password. */
let bare: string;

beforeAll(async () => {
  databases = await createDatabases(SMALL_SQL);
  folder = mkdtempSync(path.join(os.tmpdir(), 'crosswalk-login-'));
  url = new URL(databases.source);
  secret = decodeURIComponent(url.password);
  const without = new URL(url);
  without.password = '';
  bare = without.href;
}, 60_000);
afterAll(() => databases.drop());
afterEach(restoreEnv);

/** Variables as they were before a test set them. */
const before = new Map<string, string | undefined>();

function setEnv(values: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(values)) {
    if (!before.has(key)) before.set(key, process.env[key]);
    process.env[key] = value;
  }
}

function restoreEnv(): void {
  for (const [key, value] of before) {
    if (value === undefined) Reflect.deleteProperty(process.env, key);
    else process.env[key] = value;
  }
  before.clear();
}

const file = (name: string, text: string, mode = 0o600): string => {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  chmodSync(place, mode);
  return place;
};

it('the password from each of its places', async () => {
  const { hostname, port, pathname, username } = url;
  const name = pathname.slice(1);
  const line = `${hostname}:${port}:${name}:${username}:${secret.replaceAll(/[\\:]/g, '\\$&')}\n`;
  const pgpass = file('pgpass', `other:*:*:*:wrong\n${line}`);
  const services = file(
    'services',
    `[shop]\nhost=${hostname}\nport=${port}\ndbname=${name}\nuser=${username}\n`,
  );
  const written = file('password', `${secret}\n`, 0o644);
  const count = path.join(folder, 'count');
  const command = `echo asked >> ${count}; [ "$PGUSER" = ${username} ] && cat ${written}`;
  const shell = { kind: 'command', command, folder } as const;
  const fine = `${username} on`;
  const cases: readonly (readonly [string, Record<string, string>, Partial<Connection>, string?])[] = [
    [bare, { PGPASSFILE: pgpass }, {}],
    [bare, { PGPASSWORD: secret }, {}],
    ['service=shop', { PGSERVICEFILE: services, PGPASSFILE: pgpass }, {}],
    [
      'postgresql://',
      { PGSERVICE: 'shop', PGSERVICEFILE: services, PGPASSWORD: secret, PGOPTIONS: '-c geqo=off' },
      {},
      `${username} off`,
    ],
    [`host=${hostname} port=${port} dbname=${name} user=${username} passfile=${pgpass}`, {}, {}],
    [bare, { PGPASSWORD: 'wrong' }, { password: { kind: 'file', path: written } }],
    [bare, {}, { password: shell }],
    [bare, {}, { password: { kind: 'command', command: ['cat', 'password'], folder } }],
  ];
  for (const [text, env, keys, wanted = fine] of cases) {
    setEnv(env);
    expect(await login(text, keys), JSON.stringify([text, env])).toBe(wanted);
    restoreEnv();
  }
  // Asked again for each connection: a token does not last.
  await login(bare, { password: shell });
  expect(readFileSync(count, 'utf8')).toBe('asked\nasked\n');
}, 30_000);

it('broken connections: each message lets a user mend it', async () => {
  const open = file('open', `*:*:*:*:${secret}\n`, 0o644);
  const command = (text: string): Partial<Connection> => ({
    password: { kind: 'command', command: text, folder },
  });
  const cases: readonly (readonly [string, Record<string, string>, Partial<Connection>, RegExp])[] = [
    [bare, {}, {}, /^2 .*asks for the password of etl_source, and there is none = put it into.*PGPASSWORD.*password_command/],
    [bare, { PGPASSFILE: open }, {}, /^2 .*left out, for others than its owner may read it: chmod 600/],
    [bare, { PGPASSWORD: 'wrong' }, {}, /^2 .*password authentication failed.* = check user and password/],
    [bare, {}, command('echo no login >&2; exit 3'), /^2 .*password_command gave no password: it ended with code 3; it says: no login = try it in a shell/],
    [bare, {}, command('true'), /^2 .*it has written nothing/],
    [bare, {}, { password: { kind: 'file', path: '/nowhere/password' } }, /^2 .*\/nowhere\/password cannot be read/],
    [bare, {}, { password: { kind: 'command', command: ['no-such-program'], folder } }, /^2 .*there is no such program/],
    ['service=nobody', {}, {}, /^2 .*the service "nobody" is in none of/],
    [bare, { PGPASSWORD: 'x'.repeat(20) + '&X-Amz-Signature=1' }, {}, /^2 .* = a token of IAM is valid for 15 minutes.*password_command/],
    [`${databases.source}?target_session_attrs=standby`, {}, {}, /^3 .*is read only|is a primary.*target_session_attrs=standby wants another one = name the other/],
    ['postgresql://u:p@[2001:db8::1]:5432/d', {}, {}, /^[23] .*u@\[2001:db8::1\]:5432.* = the host has an IPv6 address only, and this machine cannot reach IPv6.*session pooler/],
    ['postgresql://u:p@127.0.0.1:1/d', {}, {}, /^3 .*ECONNREFUSED.* = is the server running/],
    ['postgresql://u:p@no-such-host.invalid/d', {}, {}, /= .*(check its spelling|try again)/],
    [`${databases.source}?sslmode=require&sslnegotiation=direct`, {}, {}, /= sslnegotiation=direct needs PostgreSQL 17/],
    [`${databases.source}?sslmode=require`, {}, {}, /does not support SSL.* = ssl: disable/],
  ]; // prettier-ignore
  for (const [text, env, keys, wanted] of cases) {
    setEnv(env);
    const said = await login(text, keys, 1500);
    expect(said).toMatch(wanted);
    expect(said).not.toContain(secret);
    restoreEnv();
  }
}, 30_000);

it('a secret is in no output, file or table', async () => {
  const target = new URL(databases.target);
  const [user, password] = ['odd "user', `s3cr3t'\\ :@/#%`];
  await withClient(databases.targetAdmin, async (admin) => {
    const { rows } = await admin.query<{ sql: string }>(
      'select format($1, $2::text, $3::text) sql',
      ['create role %I login superuser password %L', user, password],
    );
    await admin.query(rows[0]?.sql ?? '');
  });
  try {
    target.username = encodeURIComponent(user);
    target.password = encodeURIComponent(password);
    const settings = SMALL['etl.yaml'].replace(/source: .*/, `source: { url: '\${SOURCE_DATABASE_URL}', password_command: 'echo told >&2; cat word' }`);
    const place = await project({ ...SMALL, 'etl.yaml': settings });
    await write(place, { word: secret });
    const env = { SOURCE_DATABASE_URL: bare, TARGET_DATABASE_URL: target.href };
    const wrong = { ...env, TARGET_DATABASE_URL: target.href.replace('s3cr3t', 's3cr3t-wrong') };
    const words = [['check', place, '--json'], ['run', place, '--json', '--verbose'], ['run', place, '--dry-run'], ['status', place, '--json']];
    let said = '';
    for (const args of words) {
      const ended = await etl(args, { env });
      expect([args[0], ended.code, ended.stderr]).toEqual([args[0], 0, expect.any(String)]);
      said += ended.stdout + ended.stderr;
      if (args[0] === 'check') {
        const { connections } = JSON.parse(ended.stdout) as CheckReport;
        expect(connections[0]?.origin).toBe('SOURCE_DATABASE_URL from the environment, password from password_command');
      }
    }
    const refused = await etl(['run', place, '--json'], { env: wrong });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('password authentication failed')]);
    said += refused.stdout + refused.stderr;
    for (const name of await readdir(path.join(place, '.etl'), { recursive: true, withFileTypes: true })) {
      if (name.isFile()) said += await readFile(path.join(name.parentPath, name.name), 'utf8');
    }
    const [state] = await query(databases.targetAdmin, "select string_agg(query_to_xml(format('select * from etl.%I', tablename), true, true, '')::text, '') all from pg_tables where schemaname = 'etl'".replace(' all from', ' everything from'));
    said += String(state?.['everything']);
    expect(said.length).toBeGreaterThan(10_000);
    for (const word of [secret, 's3cr3t', encodeURIComponent(password)]) expect(said.includes(word), word).toBe(false);
  } finally {
    await query(databases.targetAdmin, `drop schema if exists etl cascade; reassign owned by "odd ""user" to etl_target; drop owned by "odd ""user"; drop role "odd ""user"`);
  }
}, 60_000); // prettier-ignore

it.skipIf(!hasPooler)('a pooler without a place free is named, and waited for', async () => {
  const pooler = await startPooler('session', { source: databases.source }, { max_client_conn: '1' });
  const connection = {
    name: 'source',
    url: pooler.url('source'),
    ssl: null,
    ca: null,
    searchPath: [],
    origin: '',
    at,
  };
  // Whoever looked whether the pooler is there may hold its one place yet.
  const first = await vi.waitFor(() => PgSession.open(connection, 'crosswalk holds'), 10_000);
  try {
    expect(await login(pooler.url('source'))).toMatch(/^3 .*no more connections allowed.* = the pooler has no place free.*--jobs/); // prettier-ignore
  } finally {
    await first.close();
    await pooler.stop();
  }
});

it.skipIf(!canCertify)('logins bound to the certificate, bundles and the system’s authorities', async () => {
    const ours = new Authority();
    const server = await startEmbedded({ folder: path.join(folder, 'server'), durable: false });
    try {
      const direct = new URL(server.url('postgres', 'admin').replace('127.0.0.1', 'localhost'));
      const text = `${direct.href}?sslmode=verify-full`;
      await withClient(server.url('postgres', 'admin'), async (admin) => {
        const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
        const files = install(ours.sign('localhost', 30), rows[0]?.data_directory ?? '');
        for (const [name, value] of Object.entries({ ssl: 'on', ...files })) await admin.query(`alter system set ${name} = '${value}'`);
        await admin.query('select pg_reload_conf()');
      });
      // As RDS gives it out: many authorities in one file, ours among them.
      const others = [1, 2, 3].map(() => readFileSync(new Authority().file, 'utf8'));
      const bundle = file('bundle.pem', [...others, readFileSync(ours.file, 'utf8')].join('\n'));
      const without = file('others.pem', others.join('\n'));
      const user = decodeURIComponent(direct.username);
      const fine = new RegExp(`^${user} on$`);
      const bound = await login(`${text}&channel_binding=require`, { ca: bundle });
      const tls = [
        [`${text}&sslrootcert=${encodeURIComponent(bundle)}`, {}, fine],
        [`${text}&channel_binding=disable`, { ca: bundle }, fine],
        [text, { ca: without }, /certificate.*ca:/],
        [`${text}&sslrootcert=system`, {}, /certificate.*ca:/],
        [`${text}&ssl_min_protocol_version=TLSv1.3`, { ca: bundle }, fine],
      ] as const;
      expect(bound).toMatch(fine);
      for (const [one, keys, wanted] of tls) expect(await login(one, keys), one).toMatch(wanted);
      setEnv({ SSL_CERT_FILE: bundle });
      expect(await login(`${text}&sslrootcert=system`)).toMatch(fine);
      restoreEnv();
      // A role whose password is kept in the older way cannot be bound.
      await withClient(server.url('postgres', 'admin'), (admin) =>
        admin.query("set password_encryption = 'md5'; create role aged login password 'word'"),
      );
      const aged = `${text.replace(/\/\/[^@]*@/, '//aged:word@')}&channel_binding=require`;
      expect(await login(aged, { ca: bundle })).toMatch(/asks for no login that is bound to its certificate = channel_binding=require needs SCRAM|password authentication failed/);
    } finally {
      await server.stop();
    }
  }, 60_000); // prettier-ignore
