import { EXIT, EtlError } from '../contract/errors.js';
import { suggest } from '../contract/suggest.js';
import { HARMLESS, IGNORED, REFUSED, USED, isUsed, type ParameterName, type Said } from './parameters.js';

const FORMS =
  'write it as postgresql://user:password@host:5432/database, or as host=… port=… dbname=… user=…; percent-encode special characters of a URL’s password';

/** A text that says how to connect is wrong. Its message never holds the text: there is a password in it. */
export class ConninfoError extends EtlError {
  constructor(message: string, help: string = FORMS) {
    super(message, { exitCode: EXIT.usage, help });
  }
}

/** Schemes that other programs, or other addresses of the same provider, begin with. */
const NO_DATABASE: Readonly<Record<string, string>> = {
  jdbc: 'take "jdbc:" away, and write user and password as postgresql://user:password@host/database',
  https: 'this is a web address: take the one of the database (Supabase: the button Connect)',
  http: 'this is a web address: take the one of the database',
};

/** Reads a connection URL, or libpq's `key=value` pairs. @throws ConninfoError that never shows the text */
export function readConninfo(text: string): Said {
  const trimmed = text.trim();
  // Before a colon alone may stand the user of a URL whose beginning was forgotten.
  const scheme = /^(jdbc(?=:)|[a-z][a-z0-9+.-]*(?=:\/\/))/i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === 'postgres' || scheme === 'postgresql') return readUrl(trimmed);
  if (/^[a-z_]+\s*=/i.test(trimmed)) return readPairs(trimmed);
  if (scheme === undefined) throw new ConninfoError('the url is no valid URL');
  throw new ConninfoError(
    `"${scheme === 'jdbc' ? 'jdbc:' : `${scheme}://`}" is no PostgreSQL URL`,
    NO_DATABASE[scheme] ?? 'it begins with postgresql://',
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConninfoError(
      'the url is no valid URL: a % that begins no character',
      'a % of a password is written %25',
    );
  }
}

/** As libpq reads it: a password may hold anything but `@`, `/` and a `%` of its own. */
function readUrl(url: string): Said {
  const parts = /^[a-z]+:\/\/(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/is.exec(url);
  if (parts === null) throw new ConninfoError('the url is no valid URL');
  const [, login = '', places = '', database = '', query = ''] = parts;
  if (login === '' && database.includes('@')) {
    throw new ConninfoError(
      'the url is no valid URL: a / before the @',
      'a / of the password is written %2F',
    );
  }
  const said = new Map<ParameterName, string>();
  const put = (name: ParameterName, value: string): void => {
    if (value !== '') said.set(name, decoded(value));
  };
  const [user = '', ...password] = login.split(':');
  put('user', user);
  put('password', password.join(':'));
  readPlace(places, put);
  put('dbname', database);
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const at = pair.indexOf('=');
    if (at < 0) throw new ConninfoError('the url is no valid URL: a parameter behind ? has no value');
    take(said, decoded(pair.slice(0, at)), decoded(pair.slice(at + 1)));
  }
  assertOneHost(said);
  return said;
}

function readPlace(places: string, put: (name: ParameterName, value: string) => void): void {
  if (places.includes('@')) {
    throw new ConninfoError(
      'the url is no valid URL: two @ before the host',
      'an @ of the password is written %40',
    );
  }
  if (places.includes(',')) throw severalHosts();
  const place = /^(\[[0-9a-f:.%a-z]*\]|[^:[\]]*)(?::([^:]*))?$/i.exec(places);
  if (place === null) {
    throw new ConninfoError('the url is no valid URL', 'an IPv6 address stands in brackets: [2001:db8::1]');
  }
  const [, host = '', port = ''] = place;
  put('host', host.replace(/^\[|\]$/g, ''));
  put('port', port);
}

const severalHosts = (): ConninfoError =>
  new ConninfoError(
    'the url names several hosts',
    'name one: all connections of a command share a snapshot and a lock, which are known to one server alone (of a cluster the writer’s address for the target; one reader, not the address of all of them, for the source)',
  );

function assertOneHost(said: Said): void {
  if (said.get('host')?.includes(',') === true || said.get('port')?.includes(',') === true)
    throw severalHosts();
}

/** libpq's pairs: `host=localhost password='it\'s me'`. */
function readPairs(text: string): Said {
  const said = new Map<ParameterName, string>();
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?)(?=\s|$)/isy;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (found === null) {
      throw new ConninfoError(
        'the connection is no list of key=value pairs',
        "a value with blanks stands in quotes: password='it is'; a quote or a backslash in it has a backslash before it",
      );
    }
    const [, name = '', quoted, plain = ''] = found;
    take(said, name, (quoted ?? plain).replace(/\\(.)/gs, '$1'));
  }
  assertOneHost(said);
  return said;
}

/** Takes a parameter by its name. @throws ConninfoError where it is unknown, or cannot be had */
export function take(said: Map<ParameterName, string>, name: string, value: string): void {
  if (name === 'ssl' && value === 'true') said.set('sslmode', 'require');
  else if (isUsed(name)) {
    if (value !== '') said.set(name, value);
  } else if (!IGNORED.has(name) && !HARMLESS.has(`${name}=${value}`)) {
    throw refused(name);
  }
}

function refused(name: string): ConninfoError {
  const known = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (known !== undefined) return new ConninfoError(`the parameter ${name} is not supported`, known.why);
  // The name may be a piece of a password.
  if (!/^[a-z_]{2,40}$/.test(name)) return new ConninfoError('a parameter of the connection is unknown');
  const close = suggest(name, [...Object.keys(USED), ...IGNORED]);
  const help =
    close === null ? 'see "Connections" in docs/guides/connections.md' : `did you mean "${close}"?`;
  return new ConninfoError(`the parameter "${name}" is unknown`, help);
}
