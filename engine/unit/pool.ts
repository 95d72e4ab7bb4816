import type { Session } from '../contract/session.js';
import type { RunPorts } from '../run/ports.js';

/**
 * Sessions that outlive the tests: a new connection costs a test as much as all that it does. A session that is closed
 * is rolled back, lets go of its locks, and serves the next who opens its connection.
 */
export class SessionPool {
  private readonly idle = new Map<string, Session[]>();

  constructor(private readonly openNew: RunPorts['open']) {}

  readonly open: RunPorts['open'] = async (name) => {
    const idle = this.idle.get(name) ?? [];
    this.idle.set(name, idle);
    const session = idle.pop() ?? (await this.openNew(name));
    return lent(session, async () => {
      await session.query('rollback');
      await session.query('select pg_advisory_unlock_all()');
      idle.push(session);
    });
  };

  async close(): Promise<void> {
    const sessions = [...this.idle.values()].flat();
    this.idle.clear();
    for (const session of sessions) await session.close();
  }
}

function lent(session: Session, giveBack: () => Promise<void>): Session {
  let isOpen = true;
  return {
    pid: session.pid,
    backendStart: session.backendStart,
    get isLost() {
      return session.isLost;
    },
    query: (sql, values) => session.query(sql, values),
    queries: (statements) => session.queries(statements),
    copyOut: (sql, ordered) => session.copyOut(sql, ordered),
    script: (sql, payloads) => session.script(sql, payloads),
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await (session.isLost ? session.close() : giveBack());
    },
  };
}
