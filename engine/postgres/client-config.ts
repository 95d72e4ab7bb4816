import type { Socket } from 'node:net';
import type pg from 'pg';
import type { ConnectionParts, ServerKind } from '../connection/parts.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Limits } from './settings.js';

/** Milliseconds without traffic before the system asks whether the other end is there. */
const KEEP_ALIVE = 30_000;

/** A connection as pg wants it said. Its password is fetched when the server asks for it. */
export function clientConfig(parts: ConnectionParts, application: string, limits: Limits): pg.ClientConfig {
  const { host, port, database, user, ssl, sslNegotiation, options } = parts;
  return {
    host,
    port,
    database,
    user,
    ssl,
    password: parts.password,
    sslnegotiation: sslNegotiation,
    enableChannelBinding: parts.channelBinding !== 'disable',
    application_name: application,
    connectionTimeoutMillis: parts.connectTimeout ?? limits.connect,
    keepAlive: true,
    keepAliveInitialDelayMillis: parts.keepAliveIdle ?? KEEP_ALIVE,
    ...(options === '' ? {} : { options }),
  };
}

/** The password of a file or a command, before a server waits for it and the time to connect runs. */
export async function withPassword(
  config: pg.ClientConfig,
  { fetched, password }: ConnectionParts,
): Promise<pg.ClientConfig> {
  return fetched ? { ...config, password: await password() } : config;
}

/** pg's own events of a login. */
interface Login {
  readonly stream: Socket;
  on(event: 'authenticationSASL', hear: (message: { readonly mechanisms: readonly string[] }) => void): void;
  on(event: 'authenticationCleartextPassword' | 'authenticationMD5Password', hear: () => void): void;
}

/**
 * Where a login has to be bound to the server's certificate, ends a connection whose server asks for another one, before
 * it is told anything.
 * @returns says whether the server has asked for a bound login; one that asks for none proves nothing
 */
export function watchLogin(client: pg.Client, { channelBinding }: ConnectionParts, name: string): () => void {
  if (channelBinding !== 'require') return () => undefined;
  const { connection } = client as unknown as { readonly connection: Login };
  const unbound = new EtlError(`the server of "${name}" asks for no login that is bound to its certificate`, {
    exitCode: EXIT.usage,
    help: 'channel_binding=require needs SCRAM on a server whose TLS ends at the server itself; look who is in between, or take channel_binding away',
  });
  let isBound = false;
  const refuse = (): void => {
    connection.stream.destroy(unbound);
  };
  connection.on('authenticationSASL', ({ mechanisms }) => {
    isBound = mechanisms.includes('SCRAM-SHA-256-PLUS');
    if (!isBound) refuse();
  });
  connection.on('authenticationCleartextPassword', refuse);
  connection.on('authenticationMD5Password', refuse);
  return () => {
    if (!isBound) throw unbound;
  };
}

const FITS: Readonly<Record<ServerKind, (standby: boolean, readOnly: boolean) => boolean>> = {
  any: () => true,
  'prefer-standby': () => true,
  'read-write': (standby, readOnly) => !standby && !readOnly,
  'read-only': (standby, readOnly) => standby || readOnly,
  primary: (standby) => !standby,
  standby: (standby) => standby,
};

/** @throws EtlError exit 3 where the server is not of the kind that `target_session_attrs` wants: it may be yet */
export function assertKind(
  kind: ServerKind,
  {
    standby,
    readOnly,
    name,
  }: { readonly standby: boolean; readonly readOnly: boolean; readonly name: string },
): void {
  if (FITS[kind](standby, readOnly)) return;
  const is = standby ? 'a standby' : readOnly ? 'read only' : 'a primary that takes writes';
  throw new EtlError(`the server of "${name}" is ${is}, and target_session_attrs=${kind} wants another one`, {
    exitCode: EXIT.transient,
    help: 'name the other server, or wait until the failover is over',
  });
}
