import type { DashboardEvent, DashboardRun } from '../../engine/contract/dashboard.js';

/** What is told of the connection: the state or the server is away, since when and why. */
export interface Away {
  readonly since: Date;
  readonly reason: string;
}

export interface Listener {
  readonly run: (run: DashboardRun) => void;
  readonly runs: () => void;
  /** Null: it is back. */
  readonly away: (away: Away | null) => void;
}

/** After an answer that is no stream EventSource gives up for good. */
const AGAIN = 2000;

/** Follows one run; goes on by itself after whatever ended the stream. */
export class Live {
  private source: EventSource | null = null;
  private timer: number | undefined;
  private following: string | null = null;
  private gone: Away | null = null;
  private readonly listener: Listener;

  constructor(listener: Listener) {
    this.listener = listener;
  }

  /** @param run a run's name or `last` */
  follow(run: string): void {
    if (run === this.following) return;
    this.following = run;
    this.open();
  }

  private open(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    const source = new EventSource(`/api/events?run=${encodeURIComponent(this.following ?? 'last')}`);
    this.source = source;
    this.on(source, 'run', (data) => {
      this.back();
      this.listener.run(JSON.parse(data) as DashboardRun);
    });
    this.on(source, 'runs', () => {
      this.back();
      this.listener.runs();
    });
    this.on(source, 'lost', (data) => this.lose((JSON.parse(data) as { readonly reason: string }).reason));
    source.onerror = () => {
      this.lose('the dashboard’s server does not answer (`etl ui` was ended, or the network is away)');
      if (source.readyState === EventSource.CLOSED) this.timer = window.setTimeout(() => this.open(), AGAIN);
    };
  }

  private on(source: EventSource, name: DashboardEvent, work: (data: string) => void): void {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      if (source === this.source) work(event.data);
    });
  }

  private lose(reason: string): void {
    this.gone = { since: this.gone?.since ?? new Date(), reason };
    this.listener.away(this.gone);
  }

  private back(): void {
    if (this.gone === null) return;
    this.gone = null;
    this.listener.away(null);
  }
}
