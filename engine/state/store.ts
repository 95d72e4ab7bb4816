import type { OwnRows } from '../contract/constraints.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { KeptPlan } from '../contract/plan.js';
import type { RunResult } from '../contract/result.js';
import type { Measured, StepSettings } from '../contract/spent.js';
import type { Watermark } from '../contract/watermark.js';
import type { Session } from '../contract/session.js';
import { sqlstateOf } from '../postgres/failure.js';
import { quoteName, quoteText } from '../postgres/identifier.js';
import { UPGRADES } from './schema.js';

/** What identifies a run in every batch: an older epoch's writes are refused. */
export interface RunHandle {
  readonly run: string;
  readonly epoch: string;
  /** The server's time at the start, ISO 8601 in UTC with microseconds. */
  readonly startedAt: string;
  /** How often the run was gone on with after an interruption; 0 for one that was not. */
  readonly resumes: number;
}

/** What a run begins with, and what a later command knows it by. */
export interface RunFacts {
  /** Over all files of the project. */
  readonly mappingsHash: string;
  readonly operator: string;
  readonly snapshot: string;
  /** `limit`: it reads a sample, so that nothing follows from what it did not read. */
  readonly kind: 'run' | 'limit' | 'replay';
  /** The mappings that it loads. */
  readonly selection: readonly string[];
  /** Of each mapping, what decides about its rows: JSON. */
  readonly hashes: Readonly<Record<string, unknown>>;
  /** By source connection; one that goes on keeps those of its begin. */
  readonly watermarks: Readonly<Record<string, Watermark>>;
  /** What it was started with, for the record: JSON. */
  readonly provenance: object;
  readonly plan: KeptPlan;
}

/** The run before, where it never came to its end. */
export interface Unfinished {
  readonly run: string;
  readonly status: string;
  readonly startedAt: string;
}

const HANDLE = `run, epoch, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || 'Z', resumes`;

function handleOf(row: readonly (string | null)[] | undefined): RunHandle {
  const [run, epoch, startedAt, resumes] = row ?? [];
  return { run: run ?? '', epoch: epoch ?? '', startedAt: startedAt ?? '', resumes: Number(resumes ?? 0) };
}

const values = ({
  mappingsHash,
  operator,
  snapshot,
  selection,
  hashes,
  provenance,
  plan,
}: RunFacts): readonly string[] => [
  ...[mappingsHash, operator, snapshot],
  ...[selection, hashes, provenance, plan].map((fact) => JSON.stringify(fact)),
];

/** The name behind the key of the project’s advisory lock. */
export const lockName = (schema: string, project: string): string => `crosswalk:${schema}:${project}`;

/** Takes the project's lock for the session; false where another one holds it. */
export async function tryLock(session: Session, schema: string, project: string): Promise<boolean> {
  const { rows } = await session.query('select pg_try_advisory_lock(hashtextextended($1, 0))', [
    lockName(schema, project),
  ]);
  return rows[0]?.[0] === 't';
}

/** Gives up what {@link tryLock} took. */
export async function releaseLock(session: Session, schema: string, project: string): Promise<void> {
  await session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [lockName(schema, project)]);
}

/**
 * SQL that gives each table of the schema which has no primary key a replica identity: where the database publishes all
 * its tables (`create publication … for all tables`), nobody may update or delete a row without one.
 */
const identified = (schema: string): string => `do $$ declare t text; begin
  for t in select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${quoteText(schema)} and c.relkind = 'r' and c.relreplident = 'd'
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
  loop execute 'alter table ' || t || ' replica identity full'; end loop;
end $$`;

/** The state schema in the target, on a session of its own that also holds the project's lock. */
export class StateStore {
  readonly schema: string;

  private constructor(
    private readonly session: Session,
    schema: string,
    private readonly project: string,
  ) {
    this.schema = quoteName(schema);
  }

  /**
   * Takes the project's lock and brings the schema to this version.
   * @throws EtlError exit 3 while another run holds the lock; exit 2 for a schema of a newer version
   */
  static async open(session: Session, schema: string, project: string): Promise<StateStore> {
    const store = new StateStore(session, schema, project);
    if (!(await tryLock(session, schema, project))) throw await store.occupied();
    await store.upgrade(schema);
    return store;
  }

  private async occupied(): Promise<EtlError> {
    const { rows } = await this.session.query(
      `select run, operator, started_at::text from ${this.schema}.runs where project = $1 and status = 'running'
       order by epoch desc limit 1`,
      [this.project],
    );
    const [run, operator, since] = rows[0] ?? [];
    const who =
      run === undefined ? 'another run' : `run ${run ?? ''} of ${operator ?? ''}, since ${since ?? ''}`;
    return new EtlError(`project "${this.project}" is being migrated already: ${who}`, {
      exitCode: EXIT.transient,
      help: 'wait until it is done, or stop it; two runs at once would get into each other’s way',
    });
  }

  private async upgrade(name: string): Promise<void> {
    const { session, schema } = this;
    const found = await session.query('select to_regclass($1)', [`${schema}.version`]);
    if (found.rows[0]?.[0] === null) {
      await this.createSchema(name);
    }
    const { rows } = await session.query(`select version from ${schema}.version`);
    const version = Number(rows[0]?.[0] ?? 0);
    if (version > UPGRADES.length) {
      throw new EtlError(`the state schema "${name}" was written by a newer Crosswalk`, {
        exitCode: EXIT.usage,
        help: 'use that version, or another schema (state: { schema: … } in etl.yaml)',
      });
    }
    for (const [at, upgrade] of UPGRADES.entries()) {
      if (at < version) continue;
      await session.query(
        `begin; ${upgrade(schema)}; ${identified(name)}; update ${schema}.version set version = ${String(at + 1)}; commit`,
      );
    }
  }

  private async createSchema(name: string): Promise<void> {
    const { session, schema } = this;
    // Where an administrator has made it, the role need not be able to: `if not exists` would ask for the right first.
    const found = await session.query('select from pg_namespace where nspname = $1', [name]);
    const exists = found.rows.length > 0;
    try {
      await session.query(
        `begin; ${exists ? '' : `create schema ${schema};`} create table ${schema}.version (version int not null);
         insert into ${schema}.version values (0); commit`,
      );
    } catch (error) {
      await session.query('rollback');
      if (!(error instanceof EtlError) || sqlstateOf(error) !== '42501') throw error;
      throw new EtlError(
        `the target role may not create the schema "${name}" for the run's state: ${error.message}`,
        {
          exitCode: EXIT.usage,
          help: `grant create on database … to …, or create the schema for it: create schema ${schema} authorization …`,
          cause: error,
        },
      );
    }
  }

  /** The last run of this project, where it was cut off; a run that was killed is marked so. */
  async unfinished(): Promise<Unfinished | null> {
    const { rows } = await this.session.query(
      `select run, status, started_at::text from ${this.schema}.runs
       where project = $1 and kind = 'run' order by epoch desc limit 1`,
      [this.project],
    );
    const [run, status, startedAt] = rows[0] ?? [];
    if (typeof run !== 'string' || (status !== 'running' && status !== 'interrupted')) return null;
    return { run, status, startedAt: startedAt ?? '' };
  }

  /**
   * Marks the project's run that never ended: whoever holds the project's lock knows that its process is dead. A batch
   * of it that is still under way is waited for, and none comes after.
   */
  async abandon(): Promise<void> {
    await this.session.query(
      `update ${this.schema}.runs set status = 'abandoned', finished_at = now() where project = $1 and status = 'running'`,
      [this.project],
    );
  }

  async begin(facts: RunFacts): Promise<RunHandle> {
    await this.abandon();
    // What an earlier run left for a second pass is found anew: this run reads every row again. What it inserted
    // and never completed stays known: a reject of such a row takes it away, as it would have done then.
    await this.session.query(
      `delete from ${this.schema}.second_pass where run in (select run from ${this.schema}.runs where project = $1) and not inserted`,
      [this.project],
    );
    const { rows } = await this.session.query(
      `insert into ${this.schema}.runs (run, project, status, mappings_hash, operator, snapshot, selection, hashes, provenance,
         plan, kind, watermarks)
       values (to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24-MI-SS-MS') || 'Z', $1, 'running',
         $2, $3, $4, array(select json_array_elements_text($5)), $6, $7, $8, $9, $10) returning ${HANDLE}`,
      [this.project, ...values(facts), facts.kind, JSON.stringify(facts.watermarks)],
    );
    return handleOf(rows[0]);
  }

  /** What {@link begin} was given of each mapping; null for a run of an older version. */
  async hashesOf(run: string): Promise<unknown> {
    const { rows } = await this.session.query(`select hashes from ${this.schema}.runs where run = $1`, [run]);
    return JSON.parse(rows[0]?.[0] ?? 'null');
  }

  /** Whether a run was begun with `--force`. */
  async wasForced(run: string): Promise<boolean> {
    const { rows } = await this.session.query(
      `select coalesce((provenance -> 'options' ->> 'force')::boolean, false) from ${this.schema}.runs where run = $1`,
      [run],
    );
    return rows[0]?.[0] === 't';
  }

  /** Goes on with a run: the same run and start, a new epoch and snapshot. */
  async resume(run: string, facts: RunFacts): Promise<RunHandle> {
    const { session, schema } = this;
    const { rows } = await session.query(
      `update ${schema}.runs set status = 'running', epoch = default, finished_at = null, exit_code = null, result = null,
         resumes = resumes + 1, mappings_hash = $2, operator = $3, snapshot = $4,
         selection = array(select json_array_elements_text($5)), hashes = $6, provenance = $7,
         plan = $8
       where run = $1 and status <> 'succeeded' returning ${HANDLE}`,
      [run, ...values(facts)],
    );
    if (rows[0] === undefined) {
      throw new EtlError(`run ${run} has come to its end meanwhile: there is nothing to go on with`, {
        exitCode: EXIT.usage,
      });
    }
    const handle = handleOf(rows[0]);
    // Every row is looked at again, and waits again where it must: what the run has brought is known by its batches.
    await session.query(`delete from ${schema}.second_pass where run = $1`, [run]);
    return handle;
  }

  /**
   * A mapping's part of the run; what an earlier part of the run has said of its rows is said anew.
   * @param facts `refersTo`: the mappings whose rows the mapping's rows refer to
   */
  async beginStep(
    { run, resumes }: RunHandle,
    rows: OwnRows,
    { refersTo, settings }: { readonly refersTo: readonly string[]; readonly settings: StepSettings },
  ): Promise<void> {
    const names = [run, rows.mapping].map(quoteText);
    const which = `run = ${names[0] ?? ''} and mapping = ${names[1] ?? ''}`;
    const tables = resumes > 0 ? ['rejects', 'warnings', 'skipped', 'samples', 'steps'] : [];
    await this.session.query(
      `begin; ${tables.map((table) => `delete from ${this.schema}.${table} where ${which}; `).join('')}
       insert into ${this.schema}.steps (run, mapping, own_rows, refers_to, settings) values (${names.join(', ')},
         ${quoteText(JSON.stringify(rows))}, array(select json_array_elements_text(${quoteText(JSON.stringify(refersTo))})),
         ${quoteText(JSON.stringify(settings))}) on conflict (run, mapping, partition) do update set settings = excluded.settings; commit`,
    );
  }

  /** @param measured by key range, what is left to write down; in the same round trip as the status */
  async endStep(
    { run }: RunHandle,
    mapping: string,
    status: string,
    measured: ReadonlyMap<number, Measured> = new Map(),
  ): Promise<void> {
    const { schema } = this;
    const names = [run, mapping].map(quoteText);
    const measures = [...measured].map(
      ([partition, one]) =>
        `select ${schema}.measure(${names.join(', ')}, ${String(partition)}, ${quoteText(JSON.stringify(one))}); `,
    );
    await this.session.query(
      `${measures.join('')}update ${schema}.steps set status = ${quoteText(status)}, updated_at = now()
       where run = ${names[0] ?? ''} and mapping = ${names[1] ?? ''}`,
    );
  }

  async finish(handle: RunHandle, result: RunResult): Promise<void> {
    await this.session.query(
      `update ${this.schema}.runs set status = $2, finished_at = now(), exit_code = $3, result = $4 where run = $1`,
      [handle.run, result.status, result.exitCode, JSON.stringify(result)],
    );
  }
}
