import { randomBytes } from 'node:crypto';
import type { RunEvent } from '../contract/events.js';
import type { Attributes, Span } from './otlp.js';

interface Open {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly start: number;
  readonly attributes: Attributes;
}

/** What is open of one mapping: its step, and within it a stage. */
interface Place {
  step: Open | null;
  stage: Open | null;
}

const id = (bytes: number): string => randomBytes(bytes).toString('hex');

/**
 * A run's events as one trace: the run, in it each step of the plan, in a step its stages (the building of constraints,
 * the count, …). No value of a row and no message comes into it.
 */
export class Spans {
  private readonly traceId = id(16);
  private run: Open | null = null;
  private readonly places = new Map<string, Place>();

  constructor(
    /** Is given each span that has ended. */
    private readonly done: (span: Span) => void,
    /** Milliseconds since 1970. */
    private readonly now: () => number = () => Date.now(),
  ) {}

  onEvent(event: RunEvent): void {
    if (event.type === 'run_started') {
      const { run, project, mappings } = event;
      const facts = { 'crosswalk.run': run, 'crosswalk.project': project };
      this.run = this.begin('etl run', null, { ...facts, 'crosswalk.mappings': mappings.length });
    } else if (event.type === 'mapping_started') {
      this.begins(event.mapping, 'load');
    } else if (event.type === 'stage') {
      this.stage(event.mapping, event.stage);
    } else if (event.type === 'step_finished') {
      this.ends(event.mapping, event.succeeded);
    } else if (event.type === 'run_finished') {
      const { status, exitCode, resumes } = event.result;
      this.close(status === 'succeeded', {
        'crosswalk.status': status,
        'crosswalk.exit_code': exitCode,
        'crosswalk.resumes': resumes,
      });
    }
  }

  private begin(name: string, parent: Open | null, attributes: Attributes): Open {
    return { spanId: id(8), parentSpanId: parent?.spanId ?? null, name, start: this.now(), attributes };
  }

  private end(open: Open, ok: boolean, more: Attributes = {}): void {
    const { traceId } = this;
    this.done({ ...open, traceId, end: this.now(), attributes: { ...open.attributes, ...more }, ok });
  }

  private placeOf(mapping: string): Place {
    const place = this.places.get(mapping) ?? { step: null, stage: null };
    this.places.set(mapping, place);
    return place;
  }

  private begins(mapping: string, step: string): void {
    const attributes = { 'crosswalk.mapping': mapping, 'crosswalk.step': step };
    this.placeOf(mapping).step = this.begin(`${step} ${mapping}`, this.run, attributes);
  }

  /** Outside of a step it is one of its own: a second pass, hooks. */
  private stage(mapping: string, stage: string): void {
    const place = this.placeOf(mapping);
    if (place.step === null) {
      this.begins(mapping, stage);
      return;
    }
    if (place.stage !== null) this.end(place.stage, true);
    place.stage = this.begin(stage, place.step, { 'crosswalk.mapping': mapping });
  }

  private ends(mapping: string, ok: boolean): void {
    const place = this.placeOf(mapping);
    if (place.stage !== null) this.end(place.stage, ok);
    if (place.step !== null) this.end(place.step, ok);
    place.stage = null;
    place.step = null;
  }

  /** Ends all that is open. @param ok of the run; what has not ended by itself has not succeeded */
  close(ok: boolean, attributes: Attributes = {}): void {
    for (const mapping of this.places.keys()) this.ends(mapping, ok);
    if (this.run !== null) this.end(this.run, ok, attributes);
    this.run = null;
  }
}
