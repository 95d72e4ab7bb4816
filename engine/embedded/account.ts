import { stat } from 'node:fs/promises';
import { type Account, runProgram, succeeds } from './program.js';

/** Users that serve where Node runs as root, which PostgreSQL refuses. The second is ours, made where it is missing. */
const OWN_USER = 'crosswalk';

async function accountOf(user: string): Promise<Account> {
  try {
    const ids = [await runProgram('id', ['-u', user]), await runProgram('id', ['-g', user])];
    const [uid, gid] = ids.map(({ code, output }) => (code === 0 ? Number.parseInt(output, 10) : 0));
    return uid && gid ? { uid, gid } : null;
  } catch {
    return null;
  }
}

async function createAccount(): Promise<Account> {
  const created = await succeeds('useradd', [
    ...['--system', '--user-group', '--no-create-home'],
    ...['--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', OWN_USER],
  ]);
  return created ? accountOf(OWN_USER) : null;
}

/**
 * Who runs the server. A normal user: himself (null). Root: the owner of data that exist already, else `postgres`,
 * else `crosswalk` (created), else `nobody`.
 */
export async function serverAccount(data: string | null): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  const owner = data === null ? null : await stat(data).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (
    (await accountOf('postgres')) ??
    (await accountOf(OWN_USER)) ??
    (await createAccount()) ??
    (await accountOf('nobody'))
  );
}

/** True where the account may enter the folder and read what lies in it: tried, since modes do not tell all. */
export async function canEnter(folder: string, account: Account): Promise<boolean> {
  return account === null || (await succeeds('test', ['-x', folder, '-a', '-r', folder], account));
}
