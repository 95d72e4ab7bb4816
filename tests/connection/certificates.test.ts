import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startEmbedded } from '../../engine/embedded/index.js';
import { withClient } from '../../engine/embedded/roles.js';
import { Authority, canCertify, install, type Certificate } from '../support/certificates.js';
import { login } from '../support/login.js';

const own = ({ certificate, key }: Certificate): string => `&sslcert=${certificate}&sslkey=${key}`;

it.skipIf(!canCertify)('certificates of the client, revoked ones of the server, and TLS without a greeting', async () => {
  const [ours, others] = [new Authority(), new Authority()];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'crosswalk-client-'));
  const server = await startEmbedded({ folder: path.join(folder, 'server'), durable: false });
  try {
    const shown = ours.sign('localhost', 30);
    await withClient(server.url('postgres', 'admin'), async (admin) => {
      const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
      const data = rows[0]?.data_directory ?? '';
      await admin.query(`create role pupil login; create role twofold login password 'word';
        grant connect on database postgres to pupil, twofold`);
      writeFileSync(path.join(data, 'roots.pem'), readFileSync(ours.file), { mode: 0o644 });
      const files = { ssl: 'on', ssl_ca_file: 'roots.pem', ...install(shown, data) };
      for (const [name, value] of Object.entries(files)) await admin.query(`alter system set ${name} = '${value}'`);
      const rules = path.join(data, 'pg_hba.conf');
      writeFileSync(rules, `hostssl all pupil all cert\nhostssl all twofold all scram-sha-256 clientcert=verify-ca\n${readFileSync(rules, 'utf8')}`);
      await admin.query('select pg_reload_conf()');
    });
    const text = `${server.url('postgres', 'admin').replace('127.0.0.1', 'localhost')}?sslmode=verify-full`;
    const as = (who: string, more = ''): string => `${text.replace(/\/\/[^@]*@/, `//${who}@`)}${more}`;
    const [right, strange, another] = [ours.sign('pupil', 30), others.sign('pupil', 30), ours.sign('another', 30)];
    const cases: readonly (readonly [what: string, url: string, wanted: RegExp, ca?: string])[] = [
      ['direct', `${text}&sslnegotiation=direct`, /^postgres on$/],
      ['direct, not trusted', `${text}&sslnegotiation=direct`, /certificate.*ca:/, others.file],
      ['right', as('pupil', own(right)), /^pupil on$/],
      ['right, and a password', as('twofold:word', own(another)), /^twofold on$/],
      ['missing', as('pupil'), /^2 .*requires a valid client certificate.* = .*sslcert=path&sslkey=path/],
      ['missing, with a password', as('twofold:word'), /^2 .*requires a valid client certificate.* = .*sslcert=path/],
      ['of an authority that the server does not know', as('pupil', own(strange)), /^2 .*unknown ca.* = the server does not take the certificate sslcert.*ssl_ca_file/s],
      ['of somebody else', as('pupil', own(another)), /^2 .*certificate authentication failed.* = the certificate sslcert is for another user/],
      ['with the key of another', as('pupil', own({ ...right, key: another.key })), /^2 .*key values mismatch = sslkey is not the key/],
      ['without a key', as('pupil', `&sslcert=${right.certificate}`), /^2 .*has no key = name its key: sslkey/],
      ['that is not there', as('pupil', own({ ...right, certificate: '/nowhere.crt' })), /^2 .*\/nowhere.crt cannot be read/],
      ['a list without the server', `${text}&sslcrl=${ours.revoke(another)}`, /^postgres on$/],
      ['a list with it', `${text}&sslcrl=${ours.revoke(shown)}`, /^2 .*revoked = the list of sslcrl/],
      ['a list of another authority', `${text}&sslcrl=${others.revoke()}`, /^2 .* = sslcrl names no valid list/],
      ['no list', `${text}&sslcrl=${ours.file}`, /^2 .* = sslcrl names no valid list/],
      ['a list that is not there', `${text}&sslcrl=/nowhere.crl`, /^2 .*revoked certificates \/nowhere.crl cannot be read/],
    ];
    for (const [what, url, wanted, ca = ours.file] of cases) expect(await login(url, { ca }), what).toMatch(wanted);
  } finally {
    await server.stop();
  }
}, 60_000); // prettier-ignore
