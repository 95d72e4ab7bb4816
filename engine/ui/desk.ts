import type { Session } from '../contract/session.js';
import { Looks } from '../outlook/looks.js';
import { Counted } from './answers/counted.js';
import { Drawings } from './answers/graph.js';
import { Verdicts } from './answers/run-line.js';
import { StatePool } from './pool.js';
import type { Site } from './site.js';

/** What all answers of one server share. */
export class Desk {
  readonly pool: StatePool;
  readonly verdicts: Verdicts;
  readonly looks: Looks;
  readonly counted = new Counted();
  readonly drawings: Drawings;

  constructor(readonly site: Site) {
    this.pool = new StatePool(site);
    this.verdicts = new Verdicts(site);
    this.drawings = new Drawings(site);
    this.looks = new Looks(site.project.name);
  }

  /** Does something in a reading transaction of the state; null where there is none yet. See `StatePool.read`. */
  read<T>(work: (session: Session, schema: string) => Promise<T>): Promise<{ readonly value: T } | null> {
    return this.pool.read(work);
  }
}
