import { existsSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Connection } from '../contract/mapping.js';
import { ConninfoError, readConninfo } from './conninfo.js';
import { HARMLESS, REFUSED, USED, type ParameterName, type Said } from './parameters.js';
import { askPassfile, type Whose } from './passfile.js';
import { fetchPassword } from './password.js';
import { readService } from './service.js';
import { tlsOptions } from './tls.js';
import { NO_WORLD, thisWorld, type World } from './world.js';

const ATTRIBUTES = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
/** What kind of server a connection takes. */
export type ServerKind = (typeof ATTRIBUTES)[number];

const BINDINGS = ['disable', 'prefer', 'require'] as const;
const NEGOTIATIONS = ['postgres', 'direct'] as const;

/** What a connection needs, with TLS decided by us: pg drops an explicit `ssl` beside a URL that has sslmode. */
export interface ConnectionParts extends Whose {
  readonly ssl: ConnectionOptions | false;
  readonly sslNegotiation: (typeof NEGOTIATIONS)[number];
  readonly channelBinding: (typeof BINDINGS)[number];
  /** Settings of the session, as the server's command line has them; empty for none. */
  readonly options: string;
  readonly serverKind: ServerKind;
  /** Milliseconds; null where nobody says. */
  readonly connectTimeout: number | null;
  readonly keepAliveIdle: number | null;
  /** Fetches the password, anew each time where a file or a command has it. @throws EtlError where there is none */
  readonly password: () => Promise<string>;
  /** The password is that of a file or a command: to be had before the connection is begun. */
  readonly fetched: boolean;
  /** Parts that did not come from the connection's own text: `password from ~/.pgpass`. */
  readonly origins: readonly string[];
}

/**
 * Reads how a connection is said: `etl.yaml`'s own keys, then its text (a URL, or libpq's pairs), then the service
 * that it names, then libpq's environment, then its defaults.
 * A host that is not local is spoken to over verified TLS unless something says otherwise.
 * @throws EtlError (exit 2) that never shows the text itself
 */
export function connectionParts(connection: Connection, ours: World = thisWorld()): ConnectionParts {
  const { name } = connection;
  const world = connection.isOwn === true ? NO_WORLD : ours;
  try {
    return partsOf(connection, new Sayings(readConninfo(connection.url), world), world);
  } catch (error) {
    if (!(error instanceof ConninfoError)) throw error;
    throw new EtlError(`connection "${name}": ${error.message} (${connection.origin})`, {
      exitCode: EXIT.usage,
      ...(error.help === undefined ? {} : { help: error.help }),
    });
  }
}

/** One after the other: the text, the service, the environment. */
class Sayings {
  private readonly service: Said;
  private readonly serviceName: string | undefined;
  readonly origins = new Map<ParameterName, string>();

  constructor(
    private readonly text: Said,
    private readonly world: World,
  ) {
    for (const [name, { env, why }] of Object.entries(REFUSED)) {
      const set = env === null ? undefined : world.env[env];
      if (set !== undefined && set !== '' && !HARMLESS.has(`${name}=${set}`))
        throw new ConninfoError(`${env ?? ''} is set, which is not supported`, why);
    }
    this.serviceName = text.get('service') ?? this.variable('service');
    this.service =
      this.serviceName === undefined
        ? new Map()
        : readService(this.serviceName, text.get('servicefile') ?? this.variable('servicefile'), world);
  }

  readonly get = (name: ParameterName): string | undefined => {
    const own = this.text.get(name);
    if (own !== undefined) return own;
    const served = this.service.get(name);
    if (served !== undefined) {
      this.origins.set(name, `the service ${this.serviceName ?? ''}`);
      return served;
    }
    const variable = this.variable(name);
    if (variable !== undefined) this.origins.set(name, USED[name] ?? '');
    return variable;
  };

  inText(name: ParameterName): boolean {
    return this.text.has(name);
  }

  /** One of some words. @throws ConninfoError where it is another one */
  word<T extends string>(name: ParameterName, words: readonly [T, ...T[]], without: T = words[0]): T {
    const said = this.get(name);
    if (said === undefined) return without;
    const known = words.find((word) => word === said);
    if (known !== undefined) return known;
    throw new ConninfoError(`${name} is none of ${words.join(', ')}`, `write ${name}=${words[0]}`);
  }

  /** Seconds as milliseconds; null where nothing, or nothing above 0, is said. */
  seconds(name: ParameterName): number | null {
    const said = this.get(name);
    if (said === undefined) return null;
    if (!/^-?\d{1,6}$/.test(said)) throw new ConninfoError(`${name} is no number of seconds`, `${name}=10`);
    return Number(said) > 0 ? Number(said) * 1000 : null;
  }

  /** An empty variable counts as none. */
  private variable(name: ParameterName): string | undefined {
    const variable = USED[name];
    const value = variable === null ? undefined : this.world.env[variable];
    return value === '' ? undefined : value;
  }
}

function partsOf(connection: Connection, said: Sayings, world: World): ConnectionParts {
  const port = portOf(said);
  const host = said.get('host') ?? defaultHost(port, connection.isOwn === true);
  if (host.includes(',')) throw new ConninfoError('several hosts are named', 'name one server');
  const user = said.get('user') ?? world.login;
  const database = said.get('dbname') ?? user;
  const { name, ssl, ca } = connection;
  const tls = tlsOptions({ name, host, ssl, ca, said: said.get }, world);
  const whose = { host, port, database, user };
  const binding = said.word('channel_binding', BINDINGS, 'prefer');
  if (binding === 'require' && tls === false) {
    const help = 'ssl: verify-full, or take channel_binding away';
    throw new ConninfoError('channel_binding=require binds to TLS, and the connection has none', help);
  }
  const options = said.get('options') ?? '';
  const given = givenPassword(connection, said, whose, world);
  return {
    ...whose,
    ssl: tls,
    sslNegotiation: tls === false ? 'postgres' : said.word('sslnegotiation', NEGOTIATIONS),
    channelBinding: tls === false ? 'disable' : binding,
    options,
    serverKind: said.word('target_session_attrs', ATTRIBUTES),
    connectTimeout: said.seconds('connect_timeout'),
    keepAliveIdle: said.seconds('keepalives_idle'),
    ...given,
    origins: [...originWords(said.origins), ...given.origins],
  };
}

function portOf(said: Sayings): number {
  const text = said.get('port') ?? '5432';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new ConninfoError('the port is no number between 1 and 65535', 'PostgreSQL’s own is 5432; percent-encode a : or / of the password'); // prettier-ignore
}

/** libpq's: the socket of a server on this machine, where there is one. */
function defaultHost(port: number, isOwn: boolean): string {
  if (isOwn || process.platform === 'win32') return 'localhost';
  const folders = ['/var/run/postgresql', '/tmp'];
  return folders.find((folder) => existsSync(`${folder}/.s.PGSQL.${String(port)}`)) ?? 'localhost';
}

/** Secrets apart, what stands elsewhere than in the connection's own text. */
const originWords = (origins: ReadonlyMap<ParameterName, string>): readonly string[] =>
  [...origins].map(([name, from]) => `${name} from ${from}`);

type Given = Pick<ConnectionParts, 'password' | 'fetched' | 'origins'>;

/** Where the password is: with the connection, in a file or command of etl.yaml, in libpq's places. */
function givenPassword(connection: Connection, said: Sayings, whose: Whose, world: World): Given {
  const { name, password: source } = connection;
  if (source !== undefined) {
    const key = source.kind === 'file' ? 'password_file' : 'password_command';
    if (said.inText('password')) {
      throw new ConninfoError(`the url has a password, and ${key} gives another one`, 'take one of them away');
    }
    return { password: () => fetchPassword(source, name, whose), fetched: true, origins: [`password from ${key}`] };
  }
  const word = said.get('password');
  if (word !== undefined) return { password: () => Promise.resolve(word), fetched: false, origins: [] };
  const answer = askPassfile(said.get('passfile'), whose, world);
  const found = answer?.password ?? null;
  if (found !== null) {
    return { password: () => Promise.resolve(found), fetched: false, origins: [`password from ${answer?.file ?? ''}`] };
  }
  const leftOut = answer?.leftOut ?? null;
  const none = new EtlError(
    `connection "${name}": the server asks for the password of ${whose.user}, and there is none${leftOut === null ? '' : `; ${leftOut}`}`,
    {
      exitCode: EXIT.usage,
      help: 'put it into the url, PGPASSWORD or ~/.pgpass, or name password_file or password_command beside the url',
    },
  );
  return { password: () => Promise.reject(none), fetched: false, origins: [] };
} // prettier-ignore
