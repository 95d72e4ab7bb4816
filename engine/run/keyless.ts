import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { quoteTable, quoteText } from '../postgres/identifier.js';
import { OneTransaction } from '../postgres/one-transaction.js';
import type { StepBook } from '../state/steps.js';
import { xminsSql } from './brought.js';
import type { RunContext } from './context.js';
import { pairsOf } from './pairs.js';
import type { Retries } from './retries.js';
import { openTarget } from './sessions.js';
import { SteadySession } from './steady-session.js';

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

/**
 * Sees to it that rows which cannot be told from others are not loaded twice: what an interrupted part of the run has
 * brought goes again in the load's own transaction, and rows of another run are in the way of a load.
 * @throws EtlError exit 2 where the mapping's rows are in the target already, and stay there
 */
export async function makeRoom(
  { schema, handle }: RunContext,
  compiled: CompiledMapping,
  target: Session,
): Promise<void> {
  if (!compiled.keyless) return;
  const { name, target: spec } = compiled.mapping;
  const own = `run = ${quoteText(handle.run)} and mapping = ${quoteText(name)}`;
  if (handle.resumes > 0) {
    const part = { schema, run: handle.run, compiled };
    await target.query(
      `begin;
       delete from ${quoteTable(compiled.table)} t where t.xmin::text::bigint in (${xminsSql(part)});
       delete from ${schema}.key_map k where ${pairsOf(compiled)} and k.run = ${quoteText(handle.run)};
       delete from ${schema}.batches where ${own}; commit`,
    );
  }
  if (spec.mode.value === 'replace') return;
  const { rows } = await target.query(
    `select count(*), max(k.run) from ${schema}.key_map k where ${pairsOf(compiled)}`,
  );
  const [count = '0', run = ''] = rows[0] ?? [];
  if (count === '0') return;
  throw new EtlError(
    `run ${run ?? ''} has loaded ${count ?? ''} rows, and without a key of the source none of them can be told from those that would come now`,
    {
      exitCode: EXIT.usage,
      help: `leave it out (--exclude ${name}), take its rows back (etl rollback), let each run load all of them anew (mode: replace), or name the source's key`,
    },
  );
}
