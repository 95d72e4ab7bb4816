import { EXIT, EtlError } from '../contract/errors.js';

/** Major versions from which on a server is read from, and written to. */
const OLDEST = { source: 13, target: 14 } as const;

/** The oldest PostgreSQL that may stand behind a connection of the name. */
export const oldestFor = (name: string): number => (name === 'target' ? OLDEST.target : OLDEST.source);

/**
 * @param version as the server says it: `18.4`, `15.18 (Debian …)`, `19beta1`
 * @throws EtlError exit 2 for a server that is too old for what is asked of it
 */
export function assertVersion(name: string, version: string): void {
  const major = Number.parseInt(version, 10);
  const oldest = oldestFor(name);
  if (!(major < oldest)) return;
  const what = name === 'target' ? 'written to' : 'read from';
  throw new EtlError(
    `"${name}" is PostgreSQL ${version}: servers older than ${String(oldest)} cannot be ${what}`,
    {
      exitCode: EXIT.usage,
      help: `bring the server up to PostgreSQL ${String(oldest)} or later first (pg_upgrade)`,
    },
  );
}
