import type { Reject } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { counted } from '../../contract/counted.js';
import { quoteText, tableRows } from '../../postgres/identifier.js';
import { OneTransaction } from '../../postgres/one-transaction.js';
import type { StepBook } from '../../state/steps.js';
import { xminsSql } from '../keys/brought.js';
import type { RunContext } from '../context.js';
import { pairsOf } from '../keys/pairs.js';
import type { Retries } from '../sessions/retries.js';
import { openTarget } from '../sessions/sessions.js';
import { SteadySession } from '../sessions/steady-session.js';

/** The session that a load writes on. */
export interface Loading {
  readonly target: SteadySession;
  /** Makes last what was written, where that waits for the load's end. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Rows without a key are loaded in one transaction, in which each batch is a savepoint; a dry run is one as it is. */
export async function openLoading(
  context: RunContext,
  { keyless }: CompiledMapping,
  book: StepBook,
  retries: Retries,
): Promise<Loading> {
  const outer = await openTarget(context, book, retries);
  if (!keyless || context.dryRun)
    return { target: outer, commit: () => Promise.resolve(), close: () => outer.close() };
  const transaction = await OneTransaction.begin(outer);
  const target = await SteadySession.open({
    open: () => Promise.resolve(transaction.open()),
    retries,
    repeats: false,
    writes: false,
  });
  return {
    target,
    commit: () => transaction.commit(),
    close: async () => {
      await target.close();
      await transaction.end();
    },
  };
}

/** What {@link makeRoom} found. */
interface Room {
  readonly compiled: CompiledMapping;
  readonly before: number | null;
}

/** The rule by which rows are skipped that a run before has loaded. */
const LOADED = 'loaded before';

/**
 * Sees to it that rows which cannot be told from others are not loaded twice: what an interrupted part of the run has
 * brought goes again in the load's own transaction; where a run before has loaded all that the source has, they are skipped.
 * @returns the mapping as it is to be loaded now, and its rows in the target where they stay
 * @throws EtlError exit 2 where a part of the source's rows is in the target, and nobody can tell which
 */
export async function makeRoom(
  context: RunContext,
  compiled: CompiledMapping,
  { reader, target }: { readonly reader: Session; readonly target: Session },
): Promise<Room> {
  if (!compiled.keyless) return { compiled, before: null };
  const { schema, handle } = context;
  const { name, target: spec } = compiled.mapping;
  const own = `run = ${quoteText(handle.run)} and mapping = ${quoteText(name)}`;
  if (handle.resumes > 0) {
    const part = { schema, run: handle.run, compiled };
    await target.query(
      `begin;
       delete from ${tableRows(compiled.table)} t where t.xmin::text::bigint in (${xminsSql(part)});
       delete from ${schema}.key_map k where ${pairsOf(compiled)} and k.run = ${quoteText(handle.run)};
       delete from ${schema}.batches where ${own}; commit`,
    );
  }
  if (spec.mode.value === 'replace') return { compiled, before: null };
  const loaded = await loadedBefore(target, compiled, schema);
  if (loaded === null) return { compiled, before: null };
  const { rows } = await reader.query(`select count(*) from (${compiled.rowsSql}\n) q`);
  const there = Number(rows[0]?.[0] ?? 0);
  if (context.sample === null && (loaded.limited || there !== loaded.read))
    throw inTheWay(name, loaded, there);
  const message = `${name}: run ${loaded.run} has loaded its rows, and without a key of the source a row is loaded once: all are skipped ("${LOADED}")`;
  context.emit({ type: 'notice', level: 'info', message });
  const rejected = await openRejects(target, compiled, schema);
  return { compiled: skipping(compiled, rejected), before: loaded.rows };
}

/** What a run has loaded of a mapping whose rows are loaded once. */
interface LoadedOnce {
  readonly run: string;
  /** Rows of the target. */
  readonly rows: number;
  /** Rows of the source then. */
  readonly read: number;
  /** It was a sample. */
  readonly limited: boolean;
}

async function loadedBefore(
  target: Session,
  compiled: CompiledMapping,
  schema: string,
): Promise<LoadedOnce | null> {
  const { rows } = await target.query(
    `select k.run, count(*), max(s.read), bool_or(r.kind = 'limit') from ${schema}.key_map k
       left join ${schema}.runs r on r.run = k.run
       left join ${schema}.steps s on s.run = k.run and s.mapping = k.mapping and s.partition = 0
     where ${pairsOf(compiled)} group by k.run order by k.run desc limit 1`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [run, count, read, limited] = row;
  return { run: run ?? '', rows: Number(count), read: Number(read ?? -1), limited: limited === 't' };
}

const inTheWay = (name: string, { run, rows, read, limited }: LoadedOnce, there: number): EtlError =>
  new EtlError(
    `run ${run} has loaded ${counted(rows, 'row')} of ${limited ? 'a sample' : `the ${counted(read, 'row')} that the source had, which has ${String(there)} now`}, and without a key of the source none of them can be told from those that would come`,
    {
      exitCode: EXIT.usage,
      help: `leave it out (--exclude ${name}), take its rows back (etl rollback), let each run load all of them anew (mode: replace), or name the source's key`,
    },
  );

/** What was rejected then and is not made good yet, by the rows' numbers. */
async function openRejects(
  target: Session,
  { project, mapping }: CompiledMapping,
  schema: string,
): Promise<ReadonlyMap<string, Reject>> {
  const { rows } = await target.query(
    `select source_key, column_name, rule, sqlstate, reason, value, "row", file, line from ${schema}.open_rejects
     where project = $1 and mapping = $2 and source_key is not null`,
    [project, mapping.name],
  );
  return new Map(
    rows.map(([key, column, rule, sqlstate, reason, value, row, file, line]) => [
      key ?? '',
      {
        key: key ?? null, column: column ?? null, rule: rule ?? '', sqlstate: sqlstate ?? null, reason: reason ?? '',
        value: value ?? null, row: row ?? null, at: { file: file ?? '', line: Number(line), column: 1, length: 1 }, because: null,
      },
    ]),
  ); // prettier-ignore
}

/** The mapping with all rows skipped, but for those that stay rejected. */
function skipping(compiled: CompiledMapping, rejected: ReadonlyMap<string, Reject>): CompiledMapping {
  const { mapping, fields } = compiled;
  const type = fields[compiled.key[0] ?? -1]?.type;
  if (type === undefined) throw new Error(`mapping ${mapping.name} has no row number`);
  const source = { ...mapping.source, skipWhen: [] };
  return {
    ...compiled,
    mapping: { ...mapping, source },
    fields: [...fields, { name: LOADED, sql: '1', type, sensitive: false }],
    skip: { field: fields.length, names: [LOADED], rejected },
  };
}
