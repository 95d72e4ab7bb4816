const SOCKET_HELP: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the server running, and are host and port right?',
  ENOTFOUND: 'the host name is unknown: check its spelling',
  EAI_AGAIN: 'the name server did not answer: try again',
  ETIMEDOUT: 'the host did not answer: a firewall or security group may be in between',
  ECONNRESET: 'the server closed the connection',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host: is this machine in its network, or in the VPN?',
};

const REVOKED_LIST =
  "sslcrl names no valid list of the authority that has signed the server's certificate: fetch a new one";

const CERTIFICATE_HELP: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "renew the server's certificate; until then ssl: require goes without a look at it, and is no proof of who answers",
  CERT_NOT_YET_VALID: 'the certificate is for later, or this machine’s clock is behind',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'name the host as the certificate does, or have only its authority checked with ssl: verify-ca',
  CERT_REVOKED:
    "the list of sslcrl says that the server's certificate is not to be trusted any more: it needs a new one",
  CRL_SIGNATURE_FAILURE: REVOKED_LIST,
  CRL_HAS_EXPIRED: REVOKED_LIST,
  CRL_NOT_YET_VALID: REVOKED_LIST,
  UNABLE_TO_GET_CRL: REVOKED_LIST,
  ERR_CRYPTO_OPERATION_FAILED: REVOKED_LIST,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'sslkey is not the key of the certificate sslcert',
};

/** What the server's end of TLS says of the certificate of this one. */
const REFUSED_CERTIFICATE = /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|DECRYPT_ERROR|ACCESS_DENIED)/;

/** What to do about an error that came from no server: of the network, or of TLS. */
export function socketHelp(code: string, said: string): string | undefined {
  const known = CERTIFICATE_HELP[code];
  if (known !== undefined) return known;
  if (REFUSED_CERTIFICATE.test(code))
    return "the server does not take the certificate sslcert: it has to be valid, and signed by an authority of the server's ssl_ca_file";
  if (/CERT|TLS|SELF_SIGNED|VERIFY/.test(code)) {
    return "the server's certificate is not trusted: name its authority with ca:, or go without the check with ssl: require";
  }
  if (said.includes('does not support SSL')) return 'ssl: disable speaks to it in the clear';
  return SOCKET_HELP[code];
}

const SQLSTATE_HELP: Readonly<Record<string, string>> = {
  '28P01': 'check user and password of the connection',
  '28000': "check the user, and the server's pg_hba.conf",
  '3D000': 'check the database name of the connection',
  '55P03':
    'someone else wants a table for himself (TRUNCATE, ALTER, LOCK): wait until he is done, then run again',
  '42501': 'grant the role what it needs, or connect as another',
  '40001':
    'other transactions were in the way; a standby ends queries that its recovery waits for: raise its max_standby_streaming_delay, set hot_standby_feedback, or read from the primary',
  '53100': 'the server’s disk is full: make room, then: etl resume',
  '53200': 'the server has no memory left: fewer jobs (--jobs), or a lower work_mem of the role',
  '53300': 'the server has no connection free: use fewer jobs (--jobs) or raise its limit',
  '53400':
    'the role may not use as much temporary space as the statement needs: alter role … set temp_file_limit = -1, by an administrator; an index on the key spares the sort; then: etl resume',
  '57014': 'nothing of the statement stays: mend that, then: etl resume',
  '25006':
    'the server takes no writes: it is a standby, or has become one in a failover; name the primary, or alter role … set default_transaction_read_only = off',
  '25P03':
    'a limit for idle transactions was set for the session in its midst: by a hook, a function or a pooler',
  '25P04': 'a limit for transactions was set for the session in its midst: by a hook, a function or a pooler',
  '57P01':
    'an administrator has ended the connection, or the server restarts: etl resume goes on when it is back',
  '57P05':
    'a limit for idle sessions ended it (idle_session_timeout): a pooler has taken back what Crosswalk had set',
};

/** Who has ended a statement by 57014. */
const CANCELLED: readonly (readonly [RegExp, string])[] = [
  [
    /statement timeout/,
    'Crosswalk sets statement_timeout = 0 for its sessions, so it was set again in their midst: by a hook, by a function or trigger of the target (create function … set statement_timeout), or by a pooler that gives settings back; alter function … reset statement_timeout',
  ],
  [
    /user request/,
    'somebody has cancelled it: by pg_cancel_backend, in the console of the provider, or by a limit of a pooler (query_timeout)',
  ],
];

/** What a pooler says that has no room, whatever SQLSTATE it says it with. */
export const POOLER_FULL = /max ?clients|no more connections allowed|sorry, too many clients/i;

/** What to do about a server's error, by its SQLSTATE and its words. */
export function stateHelp(state: string, said: string): string | undefined {
  if (state === '28000' && /no encryption|SSL off/.test(said))
    return 'the server takes encrypted connections only: ssl: verify-full with ca:, or at least ssl: require';
  if (state === '28000' && said.includes('client certificate'))
    return 'the server asks for a certificate of the client: name it in the url, sslcert=path&sslkey=path';
  if (state === '28000' && said.includes('certificate authentication failed'))
    return 'the certificate sslcert is for another user: its common name is the name of the role, unless pg_ident.conf says otherwise';
  if (POOLER_FULL.test(said) && state !== '53300')
    return 'the pooler has no place free: use fewer jobs (--jobs), or give it a larger pool (pool_size, max_client_conn)';
  const help = SQLSTATE_HELP[state];
  if (state !== '57014') return help;
  const who = CANCELLED.find(([words]) => words.test(said))?.[1];
  return who === undefined ? help : `${who}; ${help ?? ''}`;
}
