import { sumSpent, type Spent, type StepSettings } from '../contract/spent.js';
import type { Session } from '../contract/session.js';

/** What was measured of a mapping in a run; all as of its last checkpoint. */
export interface StepMeasures {
  readonly mapping: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  /** Committed, of all ranges. */
  readonly batches: number;
  /** Of rows sent to the target. */
  readonly bytes: number;
  readonly bytesRead: number;
  readonly retries: number;
  /** Null before the first checkpoint, and of an older version's run; so is `settings`. */
  readonly spent: Spent | null;
  readonly settings: StepSettings | null;
  /** The last whole load of the mapping in an earlier run, with its constraints in the other way. */
  readonly earlier: {
    readonly run: string;
    readonly mode: 'keep' | 'rebuild';
    /** Rows inserted and updated. */
    readonly written: number;
    /** In the target and in constraints. */
    readonly seconds: number;
  } | null;
}

export interface RunMeasures {
  /** Of the mappings that have begun, in that order. */
  readonly steps: readonly StepMeasures[];
  /** Of all mappings together, which may be side by side; null where nothing was measured. */
  readonly spent: Spent | null;
  /** Resident bytes of the process at its last checkpoint. */
  readonly memory: number | null;
  readonly retries: number;
}

const stepsSql = (schema: string): string => `
  with begun as (
    select s.mapping, min(s.started_at) started, sum(s.read) "read", sum(s.inserted) inserted, sum(s.updated) updated,
      sum(s.batches) batches, sum(s.bytes) bytes, sum(s.bytes_read) bytes_read, sum(s.retries) retries,
      min(s.spent::text) filter (where s.partition = 0) spent, min(s.settings::text) filter (where s.partition = 0) settings
    from ${schema}.steps s where s.run = $2 group by s.mapping
  ), other as (
    select distinct on (s.mapping) s.mapping, r.run, p.settings -> 'constraints' ->> 'mode' as mode, s.written,
      (p.spent ->> 'target')::numeric + (p.spent ->> 'constraints')::numeric seconds
    from (select run, mapping, sum(inserted + updated) written from ${schema}.steps
        group by run, mapping having bool_and(status = 'succeeded' and read_from is null)) s
      join ${schema}.runs r on r.run = s.run join begun b on b.mapping = s.mapping
      join ${schema}.steps p on p.run = s.run and p.mapping = s.mapping and p.partition = 0
    where r.project = $1 and r.kind = 'run' and r.epoch < (select epoch from ${schema}.runs where run = $2)
      and s.written > 0 and p.spent is not null
      and p.settings -> 'constraints' ->> 'mode' <> b.settings::jsonb -> 'constraints' ->> 'mode'
    order by s.mapping, r.epoch desc
  )
  select b.mapping, b.read, b.inserted, b.updated, b.batches, b.bytes, b.bytes_read, b.retries, b.spent, b.settings,
    o.run, o.mode, o.written, o.seconds
  from begun b left join other o on o.mapping = b.mapping order by b.started, b.mapping`;

/** What was measured of a run so far. @param schema quoted */
export async function readMeasures(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly run: string },
): Promise<RunMeasures> {
  const { rows } = await session.query(stepsSql(schema), [of.project, of.run]);
  const steps = rows.map(stepOf);
  const memory = await session.query(
    `select memory from ${schema}.steps where run = $1 and memory is not null order by updated_at desc limit 1`,
    [of.run],
  );
  const [resident = null] = memory.rows[0] ?? [];
  const measured = steps.flatMap(({ spent }) => (spent === null ? [] : [spent]));
  return {
    steps,
    spent: measured.length === 0 ? null : sumSpent(measured),
    memory: resident === null ? null : Number(resident),
    retries: steps.reduce((sum, { retries }) => sum + retries, 0),
  };
}

function stepOf(row: readonly (string | null)[]): StepMeasures {
  const [mapping, ...others] = row;
  const [read = 0, inserted = 0, updated = 0, batches = 0, bytes = 0, bytesRead = 0, retries = 0] = others
    .slice(0, 7)
    .map(Number);
  const [spent, settings, run, mode, written, seconds] = others.slice(7);
  return {
    mapping: mapping ?? '',
    ...{ read, inserted, updated, batches, bytes, bytesRead, retries },
    spent: JSON.parse(spent ?? 'null') as Spent | null,
    settings: JSON.parse(settings ?? 'null') as StepSettings | null,
    earlier:
      run === null || run === undefined
        ? null
        : {
            run,
            mode: mode === 'keep' ? 'keep' : 'rebuild',
            written: Number(written),
            seconds: Number(seconds),
          },
  };
}
