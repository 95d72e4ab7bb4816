import type { CompiledMapping } from '../../contract/compiled.js';
import type { DeletedRows } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteTable, quoteText } from '../../postgres/identifier.js';
import { StepBook } from '../../state/steps.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { copyLines } from '../rows/batch.js';
import { Closure } from '../closure/closure.js';
import { keyEdge } from '../closure/foreign-keys.js';
import type { RunContext } from '../context.js';
import { DROP, deleteGone, goneTable, KEEP_REFERRED, keepOthers, keysTable } from './vanished-sql.js';
import { readReferrers } from '../late/referrers.js';
import { openSource, openTarget } from '../sessions/sessions.js';
import { keyTypesOf } from '../keys/pairs.js';

/** Bytes of keys that are sent at a time. */
const BYTES = 1 << 20;

const SAMPLES = 5;

/**
 * Finds the rows of the target whose source row is gone, by sending the keys that the run's snapshot has to the
 * target; memory holds a megabyte of them.
 * @param remove deletes them, in one transaction, but for those that other rows refer to
 */
export async function settleVanished(
  context: RunContext,
  compiled: CompiledMapping,
  remove: boolean,
): Promise<DeletedRows> {
  const { name } = compiled.mapping;
  const book = new StepBook(context.schema, context.handle, name);
  const target = await openTarget(context, book, context.retriesOf(name));
  try {
    await target.query(`${DROP}; ${keysTable(compiled)}`);
    await sendKeys(context, compiled, target);
    await target.query('analyze etl_source_keys');
    await target.query('begin');
    // What is found is what is deleted: nobody else writes the table, or refers to a row of it anew.
    if (remove) await target.query(`lock table ${quoteTable(compiled.table)} in exclusive mode`);
    await target.query(goneTable(compiled, context.schema));
    const found = await countOf(target, 'etl_vanished');
    if (!remove || found === 0) {
      const samples = await samplesOf(target, 'etl_vanished');
      await target.query('rollback');
      return { found, deleted: 0, kept: 0, samples };
    }
    return await removeGone(context, compiled, target, found);
  } finally {
    await target.close();
  }
}

/** Sends the source's keys, each part as its text, or as a kept pair has them. */
async function sendKeys(context: RunContext, compiled: CompiledMapping, target: Session): Promise<void> {
  const { name, source } = compiled.mapping;
  const reader = await openSource(context, source.connection.value, context.retriesOf(name));
  const copy = 'copy pg_temp.etl_source_keys from stdin';
  try {
    const key = compiled.key.map((field) => compiled.fields[field]?.sql ?? 'null');
    const there = key.map((sql) => `${sql} is not null`).join(' and ');
    const sql = `select ${key.join(', ')} from (${compiled.rowsSql}\n) q where ${there}`;
    let waiting: Buffer[] = [];
    let size = 0;
    const send = async (): Promise<void> => {
      if (size > 0) await target.script(copy, [Buffer.concat(waiting)]);
      waiting = [];
      size = 0;
    };
    for await (const chunk of compiled.found === 'target'
      ? reader.copyOut(sql)
      : canonical(reader, sql, compiled)) {
      waiting.push(chunk);
      size += chunk.length;
      if (size >= BYTES) await send();
    }
    await send();
  } finally {
    await reader.close();
  }
}

/** Keys as `key_map` has them, as lines. */
async function* canonical(reader: Session, sql: string, compiled: CompiledMapping): AsyncIterable<Buffer> {
  const types = keyTypesOf(compiled);
  let keys: string[][] = [];
  for await (const texts of copyRows(reader, sql)) {
    keys.push([
      canonicalKey(
        texts.map((text) => text ?? ''),
        types,
      ),
    ]);
    if (keys.length < 10_000) continue;
    yield copyLines(keys);
    keys = [];
  }
  yield copyLines(keys);
}

/** Deletes the rows in `etl_vanished` that are the project's own and that no row which stays refers to. */
async function removeGone(
  context: RunContext,
  compiled: CompiledMapping,
  target: Session,
  found: number,
): Promise<DeletedRows> {
  const { schema, handle } = context;
  const { name } = compiled.mapping;
  await target.query('create temp table etl_kept (key text)');
  await target.query(keepOthers(compiled, schema));
  const referrers = await readReferrers(target, compiled, context.compiled);
  const closure = new Closure(
    target,
    referrers.map((one) => keyEdge(one)),
  );
  await closure.open();
  await closure.propose(0, 'select tab, place from etl_vanished');
  if ((await closure.hold()) > 0) await target.query(KEEP_REFERRED);
  const kept = await countOf(target, 'etl_kept');
  const samples = await samplesOf(target, kept > 0 ? 'etl_kept' : 'etl_vanished');
  const { rows } = await target.query(deleteGone(compiled, schema, handle.run));
  await target.query(
    `select ${schema}.checkpoint(${quoteText(handle.run)}, ${handle.epoch}, ${quoteText(name)}, 0, null, 0, 0, 0, 0, 0, 0, 0)`,
  );
  await target.query('commit');
  return { found, deleted: Number(rows[0]?.[0] ?? 0), kept, samples };
}

async function countOf(session: Session, table: string): Promise<number> {
  const { rows } = await session.query(`select count(*) from ${table}`);
  return Number(rows[0]?.[0] ?? 0);
}

async function samplesOf(session: Session, table: string): Promise<readonly string[]> {
  const { rows } = await session.query(
    `select key from (select distinct key from ${table}) k order by length(key), key limit ${String(SAMPLES)}`,
  );
  return rows.map(([key]) => key ?? '');
}
