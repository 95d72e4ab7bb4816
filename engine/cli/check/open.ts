import { EtlError } from '../../contract/errors.js';
import type { ConnectionSummary, Finding } from '../../contract/finding.js';
import type { Connection, Project } from '../../contract/mapping.js';
import { finding } from '../../check/findings.js';
import type { PgSession } from '../../postgres/connect.js';
import { connectionParts } from '../../connection/parts.js';
import type { Databases } from '../databases.js';
import { connectionsOf } from '../prepare.js';

/** The connections of a preflight: those that opened, and what kept the others from it. */
export interface OpenedConnections {
  readonly sessions: ReadonlyMap<string, PgSession>;
  readonly failed: readonly Finding[];
  readonly summaries: readonly ConnectionSummary[];
}

/** Opens all connections that the project's mappings name, at the same time; tries each once. */
export async function openConnections(
  project: Project,
  databases: Databases,
  embedded: boolean,
): Promise<OpenedConnections> {
  const names = [...new Set(['source', 'target', ...project.mappings.flatMap(connectionsOf)])];
  const opened = await Promise.allSettled(names.map((name) => databases.open(name)));
  const sessions = new Map<string, PgSession>();
  const failed: Finding[] = [];
  for (const [n, one] of opened.entries()) {
    const name = names[n] ?? '';
    if (one.status === 'fulfilled') sessions.set(name, one.value);
    else failed.push(closed(name, one.reason, project.connections.get(name)));
  }
  const summaries = names.map((name) =>
    summaryOf(name, sessions.get(name), project.connections.get(name), embedded),
  );
  return { sessions, failed, summaries };
}

function closed(name: string, reason: unknown, connection: Connection | undefined): Finding {
  if (!(reason instanceof EtlError)) throw reason;
  return finding({
    code: 'ETL-CHECK-001',
    severity: 'error',
    subject: `connection ${name}`,
    message: reason.message,
    at: connection?.at ?? null,
    help: reason.help ?? null,
  });
}

function summaryOf(
  name: string,
  session: PgSession | undefined,
  connection: Connection | undefined,
  embedded: boolean,
): ConnectionSummary {
  const isBuilt = embedded && (name === 'source' || name === 'target');
  const parts = connection === undefined || isBuilt ? null : partsOf(connection);
  const origins = [connection?.origin ?? 'etl.yaml', ...(parts?.origins ?? [])];
  const origin = isBuilt ? '--embedded' : origins.join(', ');
  const end = session?.endPoint ?? parts;
  const tls = session?.tls ?? null;
  const until = tls?.validTo?.toISOString().slice(0, 10);
  return {
    name,
    host: end?.host ?? null,
    port: end?.port ?? null,
    database: end?.database ?? null,
    user: end?.user ?? null,
    origin,
    version: session?.endPoint.version ?? null,
    tls:
      session === undefined
        ? null
        : tls === null
          ? 'none'
          : `${tls.protocol}${until === undefined ? '' : `, certificate until ${until}`}`,
  };
}

/** Null where the url says nothing: that is a finding already. */
function partsOf(connection: Connection): ReturnType<typeof connectionParts> | null {
  try {
    return connectionParts(connection);
  } catch {
    return null;
  }
}

/** Whether a connection checks the server's certificate. */
export function isVerified(connection: Connection | undefined): boolean {
  const ssl = connection === undefined ? null : (partsOf(connection)?.ssl ?? null);
  return ssl !== null && ssl !== false && ssl.rejectUnauthorized !== false;
}
