import type { CompiledMapping } from '../../contract/compiled.js';
import type { Deferred } from '../../contract/constraints.js';
import { disableTriggers } from '../../postgres/triggers.js';
import { recordSql } from '../../state/deferred.js';
import type { RunContext, WithoutTriggers } from '../context.js';
import { ownRows } from './own-rows.js';
import { putBack } from './put-back.js';

interface Table {
  /** Works that go on without its triggers. */
  users: number;
  /** The last change of their state, settled when it is done. */
  turn: Promise<unknown>;
  disabled: readonly Deferred[];
}

/**
 * The tables whose user triggers the run has disabled (`target.triggers: disable`): for as long as any of its loads,
 * second passes or deletions is at work on them. What is disabled stands in `etl.deferred`, so that the next command
 * enables it where this one dies.
 */
export class TableTriggers implements WithoutTriggers {
  private readonly tables = new Map<number, Table>();

  async without<T>(context: RunContext, compiled: CompiledMapping, work: () => Promise<T>): Promise<T> {
    if (compiled.mapping.target.triggers.value === 'keep') return work();
    const { oid } = compiled.table;
    const table: Table = this.tables.get(oid) ?? { users: 0, turn: Promise.resolve(), disabled: [] };
    this.tables.set(oid, table);
    await inTurn(table, async () => {
      if (table.users === 0) table.disabled = await disable(context, compiled);
      table.users++;
    });
    const end = (): Promise<void> =>
      inTurn(table, async () => {
        if (--table.users > 0 || table.disabled.length === 0) return;
        await enable(context, compiled, table.disabled);
        table.disabled = [];
      });
    let done: T;
    try {
      done = await work();
    } catch (error) {
      await end().catch((why: unknown) => {
        const message = `${compiled.mapping.name}: triggers could not be enabled again, the next command tries again: ${why instanceof Error ? why.message : String(why)}`;
        context.emit({ type: 'notice', level: 'error', message });
      });
      throw error;
    }
    await end();
    return done;
  }
}

function inTurn(table: Table, change: () => Promise<void>): Promise<void> {
  const next = table.turn.then(change);
  table.turn = next.catch(() => undefined);
  return next;
}

async function disable(context: RunContext, compiled: CompiledMapping): Promise<readonly Deferred[]> {
  const { schema, handle, once } = context;
  const rows = ownRows(compiled);
  const session = await once('target');
  try {
    return await disableTriggers(session, rows.table, (list) => recordSql(schema, handle.run, rows, list));
  } finally {
    await session.close();
  }
}

function enable(
  context: RunContext,
  compiled: CompiledMapping,
  disabled: readonly Deferred[],
): Promise<void> {
  const { schema, ddl, once } = context;
  return context.retriesOf(compiled.mapping.name).run(
    'triggers could not be enabled again',
    async () => {
      const session = await once('target');
      try {
        const back = { session, schema, rows: ownRows(compiled), ddl, again: null };
        const [failed] = await putBack(back, disabled);
        if (failed !== undefined) throw failed.error;
      } finally {
        await session.close();
      }
    },
    () => Promise.resolve(),
  );
}
