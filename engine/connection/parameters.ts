/** Connection parameters of libpq, by name, with their variable of the environment: those that count here. */
export const USED = {
  host: 'PGHOST',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  service: 'PGSERVICE',
  servicefile: 'PGSERVICEFILE',
  options: 'PGOPTIONS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  keepalives_idle: null,
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  channel_binding: 'PGCHANNELBINDING',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslpassword: null,
  sslcrl: 'PGSSLCRL',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
} as const satisfies Readonly<Record<string, string | null>>;

export type ParameterName = keyof typeof USED;

/** Taken for what they are and left out: Crosswalk decides these itself, or they belong to another client. */
export const IGNORED: ReadonlySet<string> = new Set([
  'application_name', 'fallback_application_name', 'client_encoding', 'keepalives', 'keepalives_interval',
  'keepalives_count', 'tcp_user_timeout', 'sslcompression', 'sslsni', 'sslcertmode', 'krbsrvname', 'gsslib',
  'gssdelegation', 'load_balance_hosts', 'min_protocol_version', 'max_protocol_version',
  'pgbouncer', 'connection_limit', 'pool_timeout', 'supa', 'uselibpqcompat', 'sslaccept', 'statement_cache_size',
]); // prettier-ignore

/** What cannot be had, and is not left out without a word; `env` is refused where it is set. */
export const REFUSED: Readonly<Record<string, { readonly env: string | null; readonly why: string }>> = {
  hostaddr: {
    env: 'PGHOSTADDR',
    why: 'an address apart from the host is not supported: name the address as host, with ssl: verify-ca',
  },
  require_auth: {
    env: 'PGREQUIREAUTH',
    why: 'the way of authentication cannot be prescribed; channel_binding=require asks for SCRAM bound to the certificate',
  },
  requirepeer: { env: 'PGREQUIREPEER', why: 'the owner of a socket is not looked at' },
  gssencmode: { env: null, why: 'encryption by GSSAPI is not supported: use TLS' },
  sslcrldir: { env: 'PGSSLCRLDIR', why: 'name one file of revoked certificates: sslcrl' },
  replication: { env: null, why: 'no replication connection is made' },
  schema: { env: null, why: 'write search_path: [name] beside the url' },
};

/** Values of refused parameters that ask for nothing. */
export const HARMLESS: ReadonlySet<string> = new Set([
  'gssencmode=disable',
  'gssencmode=prefer',
  'schema=public',
]);

export const isUsed = (name: string): name is ParameterName => Object.hasOwn(USED, name);

/** What a text or a file says of a connection. */
export type Said = ReadonlyMap<ParameterName, string>;
