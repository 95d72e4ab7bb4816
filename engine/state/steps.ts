import type { BatchOutcome } from '../contract/batch.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { endBackend } from '../postgres/backend.js';
import type { RunHandle } from './store.js';

/** What `checkpoint()` has added up for a mapping's key range. */
export interface StepCounts {
  readonly batches: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

const COUNTS = 'batches, inserted, updated, unchanged';

/** A mapping's key range in a run, as `etl.steps` has it: whose process writes it, and what is committed of it. */
export class StepBook {
  private counts: StepCounts | null = null;

  constructor(
    /** The state schema, quoted. */
    private readonly schema: string,
    private readonly handle: RunHandle,
    private readonly mapping: string,
    readonly partition = 0,
  ) {}

  /**
   * Writes down which process of the server writes the rows from now on, so that whoever comes after can end it.
   * @throws EtlError exit 3 where the run is not the running one any more
   */
  async announce(session: Session): Promise<void> {
    const { schema, handle, mapping, partition } = this;
    const { rows } = await session.query(
      `insert into ${schema}.steps as s (run, mapping, partition, backend_pid, backend_start)
       select run, $3, $4::int, $5::int, $6::timestamptz from ${schema}.runs
       where run = $1 and epoch = $2::bigint and status = 'running'
       on conflict (run, mapping, partition)
         do update set backend_pid = excluded.backend_pid, backend_start = excluded.backend_start
       returning ${COUNTS}`,
      [handle.run, handle.epoch, mapping, partition, session.pid, session.backendStart],
    );
    const [row] = rows;
    if (row === undefined) {
      throw new EtlError(`run ${handle.run} is not the running one any more: another has begun`, {
        exitCode: EXIT.transient,
        help: 'let that one end; what this one has committed it finds again',
      });
    }
    this.counts = countsOf(row);
  }

  /** What is committed: as last known, or asked where that is not known. */
  async committed(session: Session): Promise<StepCounts> {
    return (this.counts ??= await this.read(session));
  }

  /** What is committed now, by the table. */
  async read(session: Session): Promise<StepCounts> {
    const { schema, handle, mapping, partition } = this;
    const { rows } = await session.query(
      `select ${COUNTS} from ${schema}.steps where run = $1 and mapping = $2 and partition = $3`,
      [handle.run, mapping, partition],
    );
    return countsOf(rows[0] ?? []);
  }

  /** A batch was committed that came to this. */
  add({ inserted, updated, unchanged }: Pick<BatchOutcome, 'inserted' | 'updated' | 'unchanged'>): void {
    const { counts } = this;
    if (counts === null) return;
    this.counts = {
      batches: counts.batches + 1,
      inserted: counts.inserted + inserted,
      updated: counts.updated + updated,
      unchanged: counts.unchanged + unchanged,
    };
  }

  /** Somebody else has added to it. */
  forget(): void {
    this.counts = null;
  }
}

const countsOf = (row: readonly (string | null)[]): StepCounts => {
  const [batches = 0, inserted = 0, updated = 0, unchanged = 0] = row.map(Number);
  return { batches, inserted, updated, unchanged };
};

/**
 * Ends the processes of the target's server that runs of a project have left at work: one whose client is gone may
 * hold locks, and commit a batch yet. To be called by who holds the project's lock.
 * @throws EtlError exit 3 where one cannot be ended
 */
export async function endLeftBackends(session: Session, schema: string, project: string): Promise<void> {
  // Whose start may not be seen is another role's: the last run's, or one that has got the id since.
  const { rows } = await session.query(
    `select distinct a.pid, to_char(s.backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
     from ${schema}.steps s join ${schema}.runs r on r.run = s.run
       join pg_stat_activity a on a.pid = s.backend_pid and a.pid <> pg_backend_pid()
     where r.project = $1 and s.backend_start is not null and (a.backend_start = s.backend_start or a.backend_start is null
       and r.epoch = (select max(epoch) from ${schema}.runs where project = $1))`,
    [project],
  );
  for (const [pid, backendStart] of rows) {
    await endBackend(session, { pid: Number(pid), backendStart: backendStart ?? '' });
  }
}
