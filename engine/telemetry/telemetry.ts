import type { Progress, RunEvent } from '../contract/events.js';
import type { MappingResult } from '../contract/result.js';
import type { OtlpSettings } from './environment.js';
import { mappingFamilies, type MappingFigures } from './figures.js';
import { metricsDocument, tracesDocument, type Span } from './otlp.js';
import { Post } from './post.js';
import { Spans } from './spans.js';

/** Tells an OpenTelemetry collector of a run. A collector that is away, or slow, changes nothing about the run. */
export class Telemetry {
  private readonly traces: Post | null;
  private readonly metrics: Post | null;
  private readonly ended: Span[] = [];
  private readonly spans: Spans;
  private readonly figures = new Map<string, MappingFigures>();
  private readonly since = Date.now();
  private timer: NodeJS.Timeout | null = null;

  /** @param tell is told once where a collector cannot be reached */
  constructor(
    private readonly settings: OtlpSettings,
    tell: (message: string) => void,
  ) {
    let told = false;
    const failed = (why: string): void => {
      if (!told)
        tell(`OpenTelemetry: the collector does not take what is sent: ${why}; the run goes on without it`);
      told = true;
    };
    const { traces, metrics } = settings;
    this.traces = traces === null ? null : new Post(traces, failed);
    this.metrics = metrics === null ? null : new Post(metrics, failed);
    this.spans = new Spans((span) => void this.ended.push(span));
  }

  onEvent(event: RunEvent): void {
    this.spans.onEvent(event);
    if (event.type === 'run_started') {
      this.timer = setInterval(() => {
        this.report();
      }, this.settings.interval);
      this.timer.unref();
    } else if (event.type === 'batch') {
      this.figures.set(event.mapping, soFar(event.mapping, event.progress));
    } else if (event.type === 'run_finished') {
      // Checks have come after the last step of each.
      for (const result of event.result.mappings) this.figures.set(result.mapping, inTheEnd(result));
    }
  }

  private report(): void {
    const { resource } = this.settings;
    if (this.ended.length > 0) this.traces?.send(() => tracesDocument(resource, this.ended.splice(0)));
    const times = { since: this.since, now: Date.now() };
    this.metrics?.send(() => metricsDocument(resource, mappingFamilies([...this.figures.values()]), times));
  }

  /** Tells of the run's end, also of one that broke off; waits at most two seconds for the collector. */
  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.spans.close(false);
    this.report();
    await Promise.all([this.traces?.close(), this.metrics?.close()]);
  }
}

const soFar = (mapping: string, { bytes, ...counts }: Progress): MappingFigures => ({
  mapping,
  ...counts,
  bytesRead: bytes,
  bytesSent: null,
  batches: null,
  retries: null,
  spent: null,
});

const inTheEnd = (of: MappingResult): MappingFigures => ({
  mapping: of.mapping,
  read: of.read,
  inserted: of.inserted,
  updated: of.updated,
  unchanged: of.unchanged,
  skipped: of.skipped,
  rejected: of.rejected,
  bytesRead: of.bytes,
  bytesSent: of.bytesSent,
  batches: of.batches,
  retries: of.retries,
  spent: of.spent,
});
