import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EXIT, EtlError } from '../../contract/errors.js';

export interface TokenFlags {
  /** `auto` makes one. */
  readonly token: string | null;
  readonly tokenFile: string | null;
}

const VARIABLE = 'CROSSWALK_UI_TOKEN';

/** Short ones can be tried out; these characters stand in a header, a cookie and an address as they are. */
const FORM = /^[A-Za-z0-9._~-]{16,200}$/;

/**
 * The token that the dashboard asks for: the flag's, the file's, the environment's, in this order; null where none is named.
 * @throws EtlError exit 2 for one that is too short or cannot be read
 */
export async function readToken(
  { token, tokenFile }: TokenFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  if (token === 'auto') return randomBytes(24).toString('base64url');
  const said = token ?? (tokenFile === null ? (env[VARIABLE] ?? '') : await readTokenFile(tokenFile));
  if (said === '' && token === null && tokenFile === null) return null;
  if (FORM.test(said)) return said;
  throw new EtlError('the token is too short, or holds other characters than letters, digits and . _ ~ -', {
    exitCode: EXIT.usage,
    help: 'take 16 to 200 of them; --token auto makes one',
  });
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new EtlError(`the token's file ${file} cannot be read (${why})`, {
      exitCode: EXIT.usage,
      help: 'name a file that holds the token and nothing else',
      cause,
    });
  }
}
