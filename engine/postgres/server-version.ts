import { EXIT, EtlError } from '../contract/errors.js';

/** The oldest major version that is read from and written to. */
export const OLDEST = 13;

/**
 * @param version as the server says it: `18.4`, `15.18 (Debian …)`, `19beta1`
 * @throws EtlError exit 2 for a server that is too old for what is asked of it
 */
export function assertVersion(name: string, version: string): void {
  const major = Number.parseInt(version, 10);
  if (!(major < OLDEST)) return;
  throw new EtlError(
    `"${name}" is PostgreSQL ${version}: servers older than ${String(OLDEST)} are not supported`,
    {
      exitCode: EXIT.usage,
      help: `bring the server up to PostgreSQL ${String(OLDEST)} or later first (pg_upgrade)`,
    },
  );
}
