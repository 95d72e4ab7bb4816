import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Who may ask. */
export interface Door {
  /** The address that the server is bound to, as it was named. */
  readonly host: string;
  /** Null: none is asked for. */
  readonly token: string | null;
}

/** What is done about a request. */
export type Verdict =
  | { readonly kind: 'enter' }
  /** The token came in the address: it goes into a cookie, and the address is asked for again without it. */
  | { readonly kind: 'welcome'; readonly location: string; readonly cookie: string }
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly error: string;
      readonly help: string | null;
    };

const COOKIE = 'crosswalk';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

const ANY = ['0.0.0.0', '::'];

/** An address that means every one of the machine's: no page is asked for by it. */
export const isAny = (host: string): boolean => ANY.includes(host);

export const isLoopback = (host: string): boolean =>
  LOOPBACK.includes(host.toLowerCase()) || /^127(\.\d{1,3}){3}$/.test(host);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes the same time whatever the texts are. */
const same = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token));

/** The host of a Host header, lower case, without its port; null where it is none. */
function hostOf(header: string | undefined): string | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return found === null ? null : (found[1] ?? found[2] ?? '').toLowerCase();
}

/**
 * A page of another origin whose name was made to point here (DNS rebinding) sends its own name. On all addresses of the machine
 * numbers are taken, too, for no name is in them that could be made to point elsewhere.
 */
function isOurs(header: string | undefined, { host }: Door): boolean {
  const asked = hostOf(header);
  if (asked === null) return false;
  if (asked === host.toLowerCase() || isLoopback(asked)) return true;
  return isAny(host) && isIP(asked) !== 0;
}

function cookieOf(header: string | undefined): string | null {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? null;
}

/** Looks at method, host and token, in this order. @param url of the request, on whatever origin */
export function judge({ method, headers }: IncomingMessage, url: URL, door: Door): Verdict {
  if (method !== 'GET' && method !== 'HEAD') {
    return refuse(405, 'the dashboard only reads: GET and HEAD', null);
  }
  if (!isOurs(headers.host, door)) {
    const help = `ask for it as http://${door.host}, or start it with --host NAME`;
    return refuse(421, 'this server is asked for by another name than its own', help);
  }
  const { token } = door;
  if (token === null) return { kind: 'enter' };
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const known = [bearer, cookieOf(headers.cookie)].some((one) => typeof one === 'string' && same(one, token));
  const given = url.searchParams.get('token');
  if (given !== null && same(given, token)) {
    url.searchParams.delete('token');
    const cookie = `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/`;
    // Never an address of another host: `//name` would be one.
    return { kind: 'welcome', location: `/${url.pathname.replace(/^\/+/, '')}${url.search}`, cookie };
  }
  if (known) return { kind: 'enter' };
  return refuse(401, 'a token is needed', 'open the address that etl ui has printed');
}

const refuse = (status: number, error: string, help: string | null): Verdict => ({
  kind: 'refuse',
  status,
  error,
  help,
});
