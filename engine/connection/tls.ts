import { existsSync, readFileSync } from 'node:fs';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { EXIT, EtlError } from '../contract/errors.js';
import type { ParameterName } from './parameters.js';
import { homeFile, type World } from './world.js';

const MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof MODES)[number];

/** Bundles of the system's authorities, as OpenSSL is built to find them. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Hosts to which plain text does not leave the machine. */
const isLocal = (host: string): boolean =>
  host === '' || host === 'localhost' || host === '127.0.0.1' || host === '::1' || host.startsWith('/');

/** What is said of a connection's encryption. */
export interface TlsWishes {
  readonly name: string;
  readonly host: string;
  /** `ssl:` of etl.yaml, which goes before `sslmode`. */
  readonly ssl: string | null;
  /** `ca:` of etl.yaml, which goes before `sslrootcert`. */
  readonly ca: string | null;
  readonly said: (name: ParameterName) => string | undefined;
}

/** How a connection is encrypted; false for plain text. @throws EtlError exit 2 */
export function tlsOptions(wishes: TlsWishes, world: World): ConnectionOptions | false {
  const mode = modeOf(wishes);
  if (mode === 'disable') return false;
  const verified = mode === 'verify-full' || mode === 'verify-ca';
  return {
    rejectUnauthorized: verified,
    ...(verified ? authorities(wishes, world) : {}),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...ownCertificate(wishes, world),
    ...versions(wishes),
  };
}

/** `allow` and `prefer` promise nothing: they stand for the default, which does. */
function modeOf({ name, host, ssl, ca, said }: TlsWishes): SslMode {
  const inText = said('sslmode');
  const wish = ssl ?? (inText === 'allow' || inText === 'prefer' ? undefined : inText);
  const system = ca === null && said('sslrootcert') === 'system';
  if (wish === undefined) return isLocal(host) && !system ? 'disable' : 'verify-full';
  const mode = MODES.find((known) => known === wish);
  if (mode === undefined) throw wrong(name, `ssl "${wish}" is unknown`, `use one of ${MODES.join(', ')}`);
  if (system && mode !== 'verify-full' && mode !== 'disable') {
    const why = 'anybody has a certificate that the system’s authorities have signed';
    throw wrong(name, `sslrootcert=system goes with ssl: verify-full alone, for ${why}`, 'ssl: verify-full');
  }
  return mode;
}

function authorities({ name, ca, said }: TlsWishes, world: World): ConnectionOptions {
  const wish = ca ?? said('sslrootcert');
  const crl = said('sslcrl') ?? existing(homeFile(world, '.postgresql/root.crl', 'root.crl'));
  const revoked = crl === undefined ? {} : { crl: read(name, crl, 'the file of revoked certificates') };
  if (wish === 'system' && ca === null) {
    const file = existing(world.env['SSL_CERT_FILE'] ?? null) ?? BUNDLES.find((one) => existsSync(one));
    // Without a bundle Node's own authorities hold.
    return file === undefined ? revoked : { ca: read(name, file, 'the system’s CA file'), ...revoked };
  }
  const file = wish ?? existing(homeFile(world, '.postgresql/root.crt', 'root.crt'));
  return file === undefined ? revoked : { ca: bundle(name, file), ...revoked };
}

function bundle(name: string, file: string): string {
  const text = read(name, file, 'the CA file');
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  const help = 'it has to hold certificates as text (PEM): -----BEGIN CERTIFICATE-----';
  throw wrong(name, `the CA file ${file} holds no certificate`, help);
}

function ownCertificate({ name, said }: TlsWishes, world: World): ConnectionOptions {
  const certificate = said('sslcert') ?? existing(homeFile(world, '.postgresql/postgresql.crt', 'postgresql.crt'));
  if (certificate === undefined) return {};
  const key = said('sslkey') ?? existing(homeFile(world, '.postgresql/postgresql.key', 'postgresql.key'));
  if (key === undefined) {
    throw wrong(name, `the certificate ${certificate} has no key`, 'name its key: sslkey=path');
  }
  const passphrase = said('sslpassword');
  return {
    cert: read(name, certificate, 'the certificate'),
    key: read(name, key, 'the key'),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
} // prettier-ignore

function versions({ name, said }: TlsWishes): ConnectionOptions {
  const version = (parameter: ParameterName): SecureVersion | undefined => {
    const text = said(parameter);
    if (text === undefined) return undefined;
    const known = (['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).find((one) => one === text);
    if (known === undefined) throw wrong(name, `${parameter}=${text} is no version`, 'TLSv1.2 or TLSv1.3');
    return known;
  };
  const [low, high] = [version('ssl_min_protocol_version'), version('ssl_max_protocol_version')];
  return {
    ...(low === undefined ? {} : { minVersion: low }),
    ...(high === undefined ? {} : { maxVersion: high }),
  };
}

const existing = (file: string | null): string | undefined =>
  file !== null && existsSync(file) ? file : undefined;

function read(name: string, file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw wrong(name, `${what} ${file} cannot be read`, why);
  }
}

const wrong = (name: string, message: string, help: string): EtlError =>
  new EtlError(`connection "${name}": ${message}`, { exitCode: EXIT.usage, help });
