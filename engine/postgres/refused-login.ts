import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { ConnectionParts } from '../connection/parts.js';
import { EtlError } from '../contract/errors.js';
import { asEtlError, sqlstateOf } from './failure.js';
import { quoteName } from './identifier.js';

/** What a network without IPv6 makes of an address that is one of IPv6 alone. */
const NO_WAY = /^(ENOTFOUND|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|ETIMEDOUT|EAI_\w+|EAFNOSUPPORT)$/;
/** What is said of a server that lets somebody in and then does not answer. */
export const SILENT = 'the login was taken, and the first query has no answer yet';
/** Supavisor, which tells the project by the user's name. */
const isSupavisor = (host: string): boolean => host.endsWith('.pooler.supabase.com');

/** Puts into words why a connection could not be opened. */
export async function refusedLogin(error: unknown, parts: ConnectionParts, name: string): Promise<EtlError> {
  const { host, port, database, user } = parts;
  // pg's own words, without a code.
  if (error instanceof Error && error.message === 'timeout expired')
    Object.assign(error, { code: 'ETIMEDOUT' });
  const place = `${user}@${isIPv6(host) ? `[${host}]` : host}:${String(port)}/${database}`;
  const told = asEtlError(error, `cannot connect to "${name}" (${place})`);
  const help = told === error ? undefined : await helpFor(error, told, parts);
  if (help === undefined) return told;
  return new EtlError(told.message, { exitCode: told.exitCode, help, cause: told.cause });
}

async function helpFor(
  error: unknown,
  { message }: EtlError,
  { host, user, database, sslNegotiation, password, fetched }: ConnectionParts,
): Promise<string | undefined> {
  // The server says so before it knows what the session wants; its hint would speak of other rights.
  if (sqlstateOf(error) === '42501') return `grant connect on database ${quoteName(database)} to ${quoteName(user)}`;
  if (isSupavisor(host) && !user.includes('.') && /tenant|28P01|password/i.test(message))
    return `the pooler tells the project by the user: ${user}.<project ref>, as in postgres.abcdefghijklmnopqrst`;
  if (/PAM authentication failed|28P01/.test(message) && looksLikeToken(fetched ? '' : await password().catch(() => '')))
    return 'a token of IAM is valid for 15 minutes: have it made for each connection, with password_command';
  if (sslNegotiation === 'direct' && /socket disconnected|ECONNRESET|ALPN|\[08P01\]|ended/i.test(message))
    return 'sslnegotiation=direct needs PostgreSQL 17, and nobody in between who waits for the older greeting: take it away';
  if (message.includes(SILENT))
    return 'so does a pooler that has no session of the server free: give it a larger pool (default_pool_size, or the pool size of the database), use fewer jobs (--jobs), or name the server itself';
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && NO_WAY.test(code) && (await hasIPv6Alone(host))) return IPV6;
  return undefined;
} // prettier-ignore

const looksLikeToken = (password: string): boolean => password.includes('X-Amz-Signature=');

const IPV6 =
  'the host has an IPv6 address only, and this machine cannot reach IPv6: use an address of IPv4. Of Supabase that is the session pooler (…pooler.supabase.com:5432, user postgres.<project ref>), or the IPv4 add-on of the project';

/** Whether a host has addresses, and none of IPv4. */
async function hasIPv6Alone(host: string): Promise<boolean> {
  if (isIPv6(host)) return true;
  // Without hints: Node leaves addresses out that this machine has no interface for.
  const found = await lookup(host, { all: true, hints: 0 }).catch(() => []);
  return found.length > 0 && found.every(({ family }) => family === 6);
}
