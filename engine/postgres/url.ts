import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Connection } from '../contract/mapping.js';
import { EXIT, EtlError } from '../contract/errors.js';

/** What a connection needs, with TLS decided by us: pg drops an explicit `ssl` beside a URL that has sslmode. */
export interface ConnectionParts {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: ConnectionOptions | false;
}

const MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof MODES)[number];

const isLocal = (host: string): boolean =>
  host === 'localhost' || host === '127.0.0.1' || host === '::1' || host.startsWith('/');

function sslMode(connection: Connection, host: string, inUrl: string | null): SslMode {
  const said = connection.ssl ?? inUrl;
  if (said === null) return isLocal(host) ? 'disable' : 'verify-full';
  const mode = MODES.find((known) => known === said);
  if (mode !== undefined) return mode;
  throw new EtlError(`connection "${connection.name}": ssl "${said}" is unknown`, {
    exitCode: EXIT.usage,
    help: `use one of ${MODES.join(', ')}`,
  });
}

function tlsOptions(connection: Connection, mode: SslMode): ConnectionOptions | false {
  if (mode === 'disable') return false;
  let ca: string | undefined;
  if (connection.ca !== null) {
    try {
      ca = readFileSync(connection.ca, 'utf8');
    } catch (cause) {
      throw new EtlError(`connection "${connection.name}": the CA file ${connection.ca} cannot be read`, {
        exitCode: EXIT.usage,
        cause,
      });
    }
  }
  const verified = mode === 'verify-full' || mode === 'verify-ca';
  return {
    rejectUnauthorized: verified,
    ...(ca === undefined ? {} : { ca }),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/**
 * Reads a connection's URL (libpq's `postgresql://user:password@host:port/database`).
 * A host that is not local is spoken to over verified TLS unless `ssl` says otherwise.
 * @throws EtlError (exit 2) that never shows the URL itself
 */
export function connectionParts(connection: Connection): ConnectionParts {
  let url: URL;
  try {
    url = new URL(connection.url);
  } catch (cause) {
    throw new EtlError(`connection "${connection.name}": the url is no valid URL (${connection.origin})`, {
      exitCode: EXIT.usage,
      help: 'write it as postgresql://user:password@host:5432/database; percent-encode special characters of the password',
      cause: cause instanceof Error ? new Error(cause.name) : undefined,
    });
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new EtlError(`connection "${connection.name}": "${url.protocol}//" is no PostgreSQL URL`, {
      exitCode: EXIT.usage,
      help: 'it begins with postgresql://',
    });
  }
  const host = decodeURIComponent(url.hostname.replace(/^\[|\]$/g, '')) || 'localhost';
  const mode = sslMode(connection, host, url.searchParams.get('sslmode'));
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username) || 'postgres',
    user: decodeURIComponent(url.username) || 'postgres',
    password: decodeURIComponent(url.password),
    ssl: tlsOptions(connection, mode),
  };
}
