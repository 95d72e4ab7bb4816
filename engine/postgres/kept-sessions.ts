import type { PgSession } from './connect.js';

/**
 * Sessions between two users: a new connection costs the server a process with empty caches (5 to 10 ms), and over a
 * network up to five round trips. Each is given out once, and with nothing left on it of what was done before.
 */
export class KeptSessions<Key> {
  private readonly idle = new Map<Key, PgSession[]>();
  private isOver = false;

  keep(key: Key, session: PgSession): void {
    if (this.isOver) void session.close();
    else this.idle.set(key, [...(this.idle.get(key) ?? []), session]);
  }

  /** One whose server still answers; null where there is none. */
  async take(key: Key): Promise<PgSession | null> {
    for (;;) {
      const session = this.idle.get(key)?.pop();
      if (session === undefined) return null;
      if (await session.begin()) return session;
    }
  }

  async close(): Promise<void> {
    this.isOver = true;
    const sessions = [...this.idle.values()].flat();
    this.idle.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }
}
