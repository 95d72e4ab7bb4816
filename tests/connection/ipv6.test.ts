import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { CheckReport } from '../../engine/contract/finding.js';
import { etl, project } from '../cli/etl.js';
import { SMALL } from '../cli/small.js';

/** Whether a network of its own can be made here: that takes root. */
const hasOwnNetwork = (() => {
  try {
    execFileSync('unshare', ['-n', '-m', 'mount', '--bind', '/etc/hosts', '/etc/hosts'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const HOST = 'db.abcdefghijklmnopqrst.supabase.co';

it.skipIf(!hasOwnNetwork)('a name with an address of IPv6 alone, on a machine without IPv6, names the pooler', async () => {
  const folder = await project(SMALL);
  const hosts = path.join(mkdtempSync(path.join(os.tmpdir(), 'crosswalk-hosts-')), 'hosts');
  writeFileSync(hosts, `127.0.0.1 localhost\n2001:db8::7 ${HOST}\n`);
  const url = (host: string): string => `postgresql://postgres:word@${host}:5432/postgres?sslmode=require`;
  const ended = await etl(['check', folder, '--json'], {
    env: { SOURCE_DATABASE_URL: url('127.0.0.1'), TARGET_DATABASE_URL: url(HOST), HOSTS: hosts },
    through: `unshare -n -m sh -c 'mount --bind "$HOSTS" /etc/hosts && exec "$0" "$@"' "$@"`,
  });
  const { findings } = JSON.parse(ended.stdout) as CheckReport;
  const found = findings.find(({ subject }) => subject === 'connection target');
  expect([ended.code, found?.code]).toEqual([5, 'ETL-CHECK-001']);
  expect(found?.message).toContain(HOST);
  expect(found?.help).toMatch(/IPv6 address only, and this machine cannot reach IPv6.*session pooler \(…pooler\.supabase\.com:5432/);
}); // prettier-ignore
