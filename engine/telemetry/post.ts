import type { OtlpTarget } from './environment.js';

/** Milliseconds that the end of a run waits for a collector that has not answered yet. */
const PATIENCE = 2000;

/**
 * Sends documents to a collector, one after the other and never two at once. Whatever becomes of them, nobody waits for
 * them while a run is under way: one that comes while another is still on its way takes the place of the one before it
 * that waits.
 */
export class Post {
  private underWay: Promise<void> | null = null;
  private next: (() => object) | null = null;
  private failed = false;
  private readonly away = new AbortController();

  /** @param onFailure is told of the first failure; of no other */
  constructor(
    private readonly target: OtlpTarget,
    private readonly onFailure: (why: string) => void,
  ) {}

  /** @param document is made when it is sent */
  send(document: () => object): void {
    this.next = document;
    this.underWay ??= this.work();
  }

  private async work(): Promise<void> {
    for (;;) {
      const { next } = this;
      this.next = null;
      if (next === null || this.away.signal.aborted) break;
      await this.once(next());
    }
    this.underWay = null;
  }

  private async once(document: object): Promise<void> {
    const { url, headers, timeout } = this.target;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(document),
        signal: AbortSignal.any([AbortSignal.timeout(timeout), this.away.signal]),
      });
      await answer.arrayBuffer();
      if (!answer.ok) this.fail(`it answers ${String(answer.status)}`);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      this.fail(cause instanceof Error ? cause.message : String(cause));
    }
  }

  private fail(why: string): void {
    if (this.failed) return;
    this.failed = true;
    this.onFailure(why);
  }

  /** Waits for what is under way: at most two seconds, and not at all for a collector that has failed before. */
  async close(): Promise<void> {
    const { underWay } = this;
    if (underWay === null) return;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      const end = (): void => {
        this.fail('it has not answered');
        resolve();
      };
      timer = setTimeout(end, this.failed ? 0 : PATIENCE);
    });
    await Promise.race([underWay, enough]);
    clearTimeout(timer);
    this.away.abort();
  }
}
