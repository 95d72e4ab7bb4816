import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../engine/contract/finding.js';
import { withClient } from '../../engine/embedded/roles.js';
import { buildDatabases, startEmbedded, type EmbeddedServer } from '../../engine/embedded/index.js';
import { etl, project, write } from '../cli/etl.js';
import { SMALL, SMALL_SQL } from '../cli/small.js';
import { Authority, canCertify, install, type Certificate } from '../support/certificates.js';

const SHOWN = ['right', 'elsewhere', 'expired', 'soon'] as const;
type Shown = (typeof SHOWN)[number];

let server: EmbeddedServer;
let certificates: Readonly<Record<Shown, Certificate>>;
let ours: Authority;
let others: Authority;

/** The small project with a source that names `localhost`, which a certificate can be for, and these keys. */
function settings(keys: string): string {
  return SMALL['etl.yaml'].replace(
    /source: \{.*\}/,
    `source: { url: '\${SOURCE_DATABASE_URL}'${keys === '' ? '' : `, ${keys}`} }`,
  );
}

const sourceUrl = (): string => server.url('source').replace('127.0.0.1', 'localhost');

/** The fingerprint of the certificate that the server shows. */
async function shownNow(): Promise<string | null> {
  const client = new pg.Client({ connectionString: sourceUrl(), ssl: { rejectUnauthorized: false } });
  try {
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
    return stream instanceof TLSSocket ? stream.getPeerCertificate().fingerprint256 : null;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Has the server show a certificate. */
async function show(certificate: Certificate): Promise<void> {
  const wanted = new X509Certificate(await readFile(certificate.certificate)).fingerprint256;
  await withClient(server.url('postgres', 'admin'), async (admin) => {
    const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
    const files = install(certificate, rows[0]?.data_directory ?? '');
    for (const [name, value] of Object.entries({ ssl: 'on', ...files }))
      await admin.query(`alter system set ${name} = '${value}'`);
    await admin.query('select pg_reload_conf()');
  });
  for (let tries = 0; (await shownNow()) !== wanted; tries++) {
    if (tries > 200) throw new Error('the server does not show its new certificate');
    await wait(25);
  }
}

async function check(keys: string): Promise<{ code: number | null; report: CheckReport; stderr: string }> {
  const folder = await project({ ...SMALL, 'etl.yaml': settings(keys) });
  const env = { SOURCE_DATABASE_URL: sourceUrl(), TARGET_DATABASE_URL: server.url('target') };
  const { code, stdout, stderr } = await etl(['check', folder, '--json'], { env });
  return { code, report: JSON.parse(stdout) as CheckReport, stderr };
}

/** Certificate, keys of the connection, code of the finding, what it says, its help; no code: all is well. */
const CASES: readonly (readonly [Shown, () => string, string?, RegExp?, (RegExp | undefined)?])[] = [
  ['right', () => `ssl: verify-full, ca: '${ours.file}'`],
  ['right', () => `ssl: verify-ca, ca: '${ours.file}'`],
  ['right', () => 'ssl: require'],
  ['right', () => `ssl: verify-full, ca: '${others.file}'`, 'ETL-CHECK-001', /certificate/, /ca:/],
  ['right', () => 'ssl: verify-full', 'ETL-CHECK-001', /certificate/, /ca:/],
  ['elsewhere', () => `ssl: verify-full, ca: '${ours.file}'`, 'ETL-CHECK-001', /db\.example/, /name the host as the certificate does|verify-ca/],
  ['elsewhere', () => `ssl: verify-ca, ca: '${ours.file}'`],
  ['expired', () => `ssl: verify-full, ca: '${ours.file}'`, 'ETL-CHECK-001', /expired/, /renew/],
  ['expired', () => 'ssl: require', 'ETL-CHECK-008', /expired on/, /renew/],
  ['soon', () => `ssl: verify-full, ca: '${ours.file}'`, 'ETL-CHECK-008', /in 1\d days/, /renew/],
]; // prettier-ignore

describe.skipIf(!canCertify)('a server with certificates of an authority of our own', () => {
  beforeAll(async () => {
    [ours, others] = [new Authority(), new Authority()];
    certificates = {
      right: ours.sign('localhost', 365),
      elsewhere: ours.sign('db.example', 365),
      expired: ours.sign('localhost', -1),
      soon: ours.sign('localhost', 15),
    };
    const place = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-tls-'));
    server = await startEmbedded({ folder: path.join(place, 'server'), durable: false });
    await write(place, { 'source.sql': SMALL_SQL.source, 'target.sql': SMALL_SQL.target });
    await buildDatabases(server, {
      source: [path.join(place, 'source.sql')],
      target: [path.join(place, 'target.sql')],
    });
  }, 120_000);
  afterAll(() => server.stop());

  test('without TLS on the server', async () => {
    const { code, report } = await check('ssl: require');
    const [finding] = report.findings;
    expect([code, finding?.code]).toEqual([5, 'ETL-CHECK-001']);
    expect([finding?.message, finding?.help].join(' ')).toMatch(/does not support SSL.*ssl: disable/s);
  });

  test('each certificate with each way to look at it', async () => {
    for (const shown of SHOWN) {
      await show(certificates[shown]);
      for (const [, keys, wanted, says, help] of CASES.filter(([one]) => one === shown)) {
        const { code, report, stderr } = await check(keys());
        const what = `${shown}, ${keys()}: ${JSON.stringify(report.findings)} ${stderr}`;
        expect(
          report.findings.map((finding) => finding.code),
          what,
        ).toEqual(wanted === undefined ? [] : [wanted]);
        expect(code, what).toBe(wanted === 'ETL-CHECK-001' ? 5 : 0);
        const tls = report.connections.find(({ name }) => name === 'source')?.tls ?? null;
        if (wanted !== 'ETL-CHECK-001') expect(tls, what).toMatch(/^TLSv1\.3, certificate until \d{4}-/);
        if (says !== undefined) expect(report.findings[0]?.message, what).toMatch(says);
        if (help !== undefined) expect(report.findings[0]?.help, what).toMatch(help);
      }
    }
  }, 120_000);

  test('a server that wants TLS says so to one who comes without', async () => {
    await show(certificates.right);
    await withClient(server.url('postgres', 'admin'), async (admin) => {
      const { rows } = await admin.query<{ hba_file: string }>('show hba_file');
      await writeFile(
        rows[0]?.hba_file ?? '',
        'hostnossl source all all reject\nhost all all all scram-sha-256\n',
      );
      await admin.query('select pg_reload_conf()');
    });
    const { report } = await check('ssl: disable');
    expect(report.findings[0]?.message).toMatch(/no encryption/);
    expect(report.findings[0]?.help).toMatch(/ssl: require|ssl: verify-full/);
  });
});
