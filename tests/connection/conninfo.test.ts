import { mkdtempSync, writeFileSync, mkdirSync, chmodSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { connectionParts } from '../../engine/connection/parts.js';
import { passwordIn } from '../../engine/connection/passfile.js';
import { EtlError } from '../../engine/contract/errors.js';
import type { Connection } from '../../engine/contract/mapping.js';

const SECRET = 'Zeh31mn1s';
const home = mkdtempSync(path.join(os.tmpdir(), 'crosswalk-home-'));
mkdirSync(path.join(home, 'system'));
writeFileSync(
  path.join(home, '.pg_service.conf'),
  `# mine\n[old]\nhost=old.example.com\nport = 5433\ndbname=shop\nuser=reader\n\n[bad]\nhost=x\ncolour=red\n`,
);
writeFileSync(path.join(home, 'system', 'pg_service.conf'), '[new]\nhost=new.example.com\nsslmode=require\n');
writeFileSync(path.join(home, '.pgpass'), `old.example.com:5433:*:reader:from-file\n`, { mode: 0o600 });
writeFileSync(path.join(home, 'open'), `*:*:*:*:${SECRET}\n`);
chmodSync(path.join(home, 'open'), 0o644);
const authority = path.join(home, 'ca.pem');
writeFileSync(authority, '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n');

type Env = Readonly<Record<string, string>>;

function parts(url: string, env: Env = {}, keys: Partial<Connection> = {}) {
  const at = { file: 'etl.yaml', line: 1, column: 1, length: 1 };
  const connection = { name: 'source', url, ssl: null, ca: null, searchPath: [], origin: 'URL', at, ...keys };
  return connectionParts(connection, { env, home, login: 'me' });
}

async function shown(url: string, env: Env = {}): Promise<string> {
  const { user, password, host, port, database, ssl } = parts(url, env);
  const tls = ssl === false ? 'plain' : ssl.rejectUnauthorized === true ? 'verified' : 'encrypted';
  return `${user}:${await password().catch(() => '-')}@${host}:${String(port)}/${database} ${tls}`;
}

/** A text, its environment, what becomes of it. */
const READ: readonly (readonly [string, Env, string])[] = [
  ['postgresql://u:p@db.example.com:6000/d', {}, 'u:p@db.example.com:6000/d verified'],
  ['postgres://u:p@localhost', {}, 'u:p@localhost:5432/u plain'],
  ['postgresql://postgres.abc:p@db.example.com/d', {}, 'postgres.abc:p@db.example.com:5432/d verified'],
  ['postgresql://u:a%40b%2Fc:d#e?f@[::1]:6000/d', {}, 'u:a@b/c:d#e?f@::1:6000/d plain'],
  ['postgresql://%2Frun%2Fpg/d?user=u&password=p', {}, 'u:p@/run/pg:5432/d plain'],
  ['postgresql://h/d?sslmode=no-verify&pgbouncer=true&schema=public', {}, 'me:-@h:5432/d encrypted'],
  ['postgresql://u:p@h/d?ssl=true', {}, 'u:p@h:5432/d encrypted'],
  ['postgresql://u:p@h/d?sslmode=prefer', { PGSSLMODE: 'disable' }, 'u:p@h:5432/d verified'],
  [`host=h dbname = 'a b' user=u password='it\\'s \\\\'`, {}, "u:it's \\@h:5432/a b verified"],
  ['host=h user=u password=a\\ b', {}, 'u:a b@h:5432/u verified'],
  ['service=old', {}, 'reader:from-file@old.example.com:5433/shop verified'],
  ['postgresql:///other?service=old&user=writer', {}, 'writer:-@old.example.com:5433/other verified'],
  ['service=new', { PGSYSCONFDIR: path.join(home, 'system') }, 'me:-@new.example.com:5432/me encrypted'],
  ['postgresql://', { PGHOST: 'e', PGPORT: '7', PGUSER: 'u', PGPASSWORD: 'p', PGDATABASE: 'd', PGSSLMODE: 'require' }, 'u:p@e:7/d encrypted'],
  ['postgresql://u@h/d', { PGSERVICE: 'old', PGHOST: 'nobody', PGPASSWORD: 'p' }, 'u:p@h:5433/d verified'],
  ['postgresql://u@localhost/d?sslrootcert=system', {}, 'u:-@localhost:5432/d verified'],
]; // prettier-ignore

it('a text, a service and the environment, in this order', async () => {
  for (const [url, env, wanted] of READ) expect(await shown(url, env), url).toBe(wanted);
});

it('where each part came from', () => {
  const { origins } = parts('service=old', { PGCHANNELBINDING: 'disable' });
  expect(origins).toEqual([
    ...['port', 'host', 'user', 'dbname'].map((name) => `${name} from the service old`),
    'channel_binding from PGCHANNELBINDING',
    `password from ${path.join(home, '.pgpass')}`,
  ]);
  const more = parts('postgresql://u:p@h/d?connect_timeout=7&keepalives_idle=60&options=-c%20geqo%3Doff');
  expect(more).toMatchObject({ connectTimeout: 7000, keepAliveIdle: 60_000, options: '-c geqo=off' });
});

const pgpass = { kind: 'file', path: '/nowhere' } as const;

/** A text, its environment, what is said and what to do. */
const REFUSED: readonly (readonly [string, Env, RegExp, Partial<Connection>?])[] = [
  [`postgresql://u:${SECRET}@a@h/d`, {}, /two @.*%40/s],
  [`postgresql://u:${SECRET}/x@h/d`, {}, /a \/ before the @.*%2F/s],
  [`postgresql://u:12/${SECRET}@h/d`, {}, /a \/ before the @.*%2F/s],
  [`postgresql://u:%zz${SECRET}@h/d`, {}, /a % that begins no character.*%25/s],
  [`postgresql://u:${SECRET}@a:1,b:2/d`, {}, /several hosts.*one server/s],
  [`host=a,b password=${SECRET}`, {}, /several hosts/],
  ['service=old', { PGPORT: '1,2', PGSERVICEFILE: path.join(home, 'none') }, /"old" is in none of .*none.*\[old\]/s],
  ['service=bad', {}, /pg_service.conf:10: the parameter "colour" is unknown/],
  [`postgresql://u:${SECRET}@h:port/d`, {}, /the port is no number/],
  [`postgresql://u:${SECRET}@h/d?sslmod=require`, {}, /"sslmod" is unknown.*did you mean "sslmode"/s],
  [`postgresql://u:${SECRET}@h/d?sslmode=on`, {}, /ssl "on" is unknown.*verify-full/s],
  [`postgresql://u:${SECRET}@h/d?schema=shop`, {}, /schema.*search_path/s],
  [`host=h ${SECRET} password=x`, {}, /no list of key=value/],
  [`jdbc:postgresql://h/d?password=${SECRET}`, {}, /"jdbc:" is no PostgreSQL URL.*take "jdbc:" away/s],
  [`https://u:${SECRET}@abc.supabase.co`, {}, /"https:\/\/" is no.*Connect/s],
  [SECRET, {}, /no valid URL.*postgresql:\/\//s],
  ['postgresql://h/d', { PGREQUIREAUTH: 'scram-sha-256' }, /PGREQUIREAUTH is set.*channel_binding/s],
  ['postgresql://localhost/d?channel_binding=require', {}, /binds to TLS.*verify-full/s],
  ['postgresql://h/d?channel_binding=yes', {}, /channel_binding is none of disable, prefer, require/],
  ['postgresql://h/d?sslrootcert=system&sslmode=require', {}, /goes with ssl: verify-full alone/],
  ['postgresql://h/d?sslrootcert=/nowhere/ca.pem', {}, /the CA file \/nowhere\/ca.pem cannot be read/],
  [`postgresql://h/d?sslrootcert=${path.join(home, 'open')}`, {}, /holds no certificate.*PEM/s],
  [`postgresql://h/d?sslrootcert=${authority}&sslcert=${authority}`, {}, /has no key.*sslkey/s],
  ['postgresql://h/d?ssl_min_protocol_version=3', {}, /is no version.*TLSv1.3/s],
  ['postgresql://h/d?connect_timeout=soon', {}, /connect_timeout is no number of seconds/],
  [`postgresql://u:${SECRET}@h/d`, {}, /has a password, and password_file gives another/, { password: pgpass }],
]; // prettier-ignore

it('what is refused says why and what to do, and never shows the text', () => {
  for (const [url, env, wanted, keys] of REFUSED) {
    let told = 'nothing';
    try {
      parts(url, env, keys);
    } catch (error) {
      if (!(error instanceof EtlError)) throw error;
      told = `${error.message}\n${error.help ?? ''}`;
    }
    expect(told, url).toMatch(wanted);
    expect(told).not.toContain(SECRET);
  }
});

it('a password file: escapes, wildcards, the first line that fits, and only what its owner alone may read', async () => {
  const text = '# host:port\nh:5432:d:u\\:x:colon\\:and\\\\backslash\nh:*:*:u:one\n*:*:*:*:any\n';
  const of = (user: string, host = 'h'): string | null =>
    passwordIn(text, { host, port: 5432, database: 'd', user });
  expect([of('u:x'), of('u'), of('v'), of('u', 'other')]).toEqual([
    'colon:and\\backslash',
    'one',
    'any',
    'any',
  ]);
  expect(passwordIn('localhost:*:*:*:socket', { host: '/tmp', port: 1, database: 'd', user: 'u' })).toBe(
    'socket',
  );
  expect(passwordIn('short:line', { host: 'short', port: 1, database: 'd', user: 'u' })).toBeNull();
  const open = parts('postgresql://u@h/d', { PGPASSFILE: path.join(home, 'open') });
  await expect(open.password()).rejects.toThrow(/left out, for others than its owner may read it: chmod 600/);
  const none = parts('postgresql://u@h/d', { PGPASSFILE: '/nowhere' });
  await expect(none.password()).rejects.toThrow(/password of u, and there is none; \/nowhere is not there/);
});
