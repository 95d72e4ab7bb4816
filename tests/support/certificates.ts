import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A certificate and its key, as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Whether certificates can be made here: openssl's command is no part of Node. */
export const canCertify = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** An authority of our own, in a temporary folder, and certificates that it signs. */
export class Authority {
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'crosswalk-ca-'));
  private signed = 0;
  readonly file = path.join(this.folder, 'ca.pem');

  constructor() {
    chmodSync(this.folder, 0o755);
    const key = path.join(this.folder, 'ca.key');
    this.openssl('req', '-x509', '-nodes', ...EC, '-keyout', key, '-out', this.file, '-days', '3650', '-subj', '/CN=an authority'); // prettier-ignore
  }

  /** @param days from now that it is valid for; a negative number makes one that has ended */
  sign(host: string, days: number): Certificate {
    const at = (name: string): string => path.join(this.folder, `${String(++this.signed)}-${name}`);
    const [key, request, certificate, names] = [at('key'), at('csr'), at('crt'), at('ext')];
    this.openssl('req', '-new', '-nodes', ...EC, '-keyout', key, '-out', request, '-subj', `/CN=${host}`);
    writeFileSync(names, `subjectAltName=DNS:${host}`);
    this.openssl('x509', '-req', '-in', request, '-CA', this.file, '-CAkey', path.join(this.folder, 'ca.key'),
      '-CAcreateserial', '-days', String(days), '-extfile', names, '-out', certificate); // prettier-ignore
    return { certificate, key };
  }

  /** A list of certificates that are no longer to be trusted. */
  revoke(...certificates: readonly Certificate[]): string {
    const at = (name: string): string => path.join(this.folder, `${String(++this.signed)}-${name}`);
    const [settings, known, list] = [at('cnf'), at('known'), at('crl')];
    writeFileSync(known, '');
    writeFileSync(
      settings,
      `[ca]\ndefault_ca = own\n[own]\ndatabase = ${known}\ndefault_md = sha256\ndefault_crl_days = 30\n`,
    );
    const own = ['ca', '-config', settings, '-cert', this.file, '-keyfile', path.join(this.folder, 'ca.key')];
    for (const { certificate } of certificates) this.openssl(...own, '-revoke', certificate);
    this.openssl(...own, '-gencrl', '-out', list);
    return list;
  }

  private openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** Puts a certificate where a server with this data folder may read it, and gives the settings that name it. */
export function install({ certificate, key }: Certificate, data: string): Record<string, string> {
  const { uid, gid } = statSync(data);
  const put = (from: string, name: string, mode: number): string => {
    const to = path.join(data, name);
    writeFileSync(to, readFileSync(from), { mode });
    if (process.getuid?.() === 0) chownSync(to, uid, gid);
    return to;
  };
  return { ssl_cert_file: put(certificate, 'ends.crt', 0o644), ssl_key_file: put(key, 'ends.key', 0o600) };
}
