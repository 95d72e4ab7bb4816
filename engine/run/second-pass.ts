import type { TableColumn } from '../contract/catalogue.js';
import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Reject } from '../contract/batch.js';
import type { Session } from '../contract/session.js';
import { OUTCOME, missingReference } from '../compile/program/resolver.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { textsByName, undoDeletedSql, undoSql, wroteSql } from '../postgres/undo.js';
import { BatchedKeyMap } from '../resolve/batched-key-map.js';
import { canonicalKey, type KeyMap } from '../resolve/key-map.js';
import type { Cause, RejectedKeys } from '../resolve/rejected-keys.js';
import { copyLines, rejectLines } from './batch.js';
import { handleNames, pairsOf } from './pairs.js';
import type { Taken, Tally } from './tally.js';

const NOTHING: Taken = { inserted: 0, updated: 0, unchanged: 0 };

/** Rows that are completed in one transaction. */
const ROWS = 10_000;

export interface SecondPassInputs {
  readonly compiled: CompiledMapping;
  readonly column: CompiledColumn;
  /** Keys of the referenced mapping. */
  readonly keyMap: KeyMap;
  /** This mapping's own keys: late rejects leave it. */
  readonly own: KeyMap | null;
  /** Rows that the run has rejected, by mapping: late ones are added. */
  readonly rejected: ReadonlyMap<string, RejectedKeys>;
  readonly tally: Tally;
  /** Streams the rows that wait; `writer` completes them. */
  readonly reader: Session;
  readonly writer: Session;
  readonly schema: string;
  readonly run: string;
  /** SQL that adds to the mapping's step; without counts it only holds the run's place. */
  readonly checkpoint: (taken: Taken, rejected: number) => string;
}

interface Waiting {
  readonly key: string;
  readonly handle: string;
  readonly reference: string;
  readonly inserted: boolean;
  /** Inserted by this run, or by one that ended before its second pass: no whole row of it was ever there. */
  readonly provisional: boolean;
}

/**
 * Completes the references of rows that came before the rows they refer to. What is still missing then is
 * null, the default, or a late reject: the row goes again, and with it the rows that refer to it.
 */
export async function secondPass(inputs: SecondPassInputs): Promise<void> {
  const { reader, schema, run, compiled, column, writer } = inputs;
  const name = column.column.name;
  const where = `run = ${quoteText(run)} and mapping = ${quoteText(compiled.mapping.name)} and column_name = ${quoteText(name)}`;
  const missing: Waiting[] = [];
  let batch: Waiting[] = [];
  await writer.query(
    `create temp table if not exists etl_second (ordinal bigint generated always as identity primary key,
     ${compiled.handle.map((_, n) => `h${String(n)} text`).join(', ')}, v text, existing boolean)`,
  );
  const ofMapping = `mapping = ${quoteText(compiled.mapping.name)}`;
  const sql = `select source_key, target_key, reference_key, inserted, target_key in
      (select p.target_key from ${schema}.second_pass p where p.${ofMapping} and p.inserted)
    from ${schema}.second_pass where ${where}`;
  for await (const [key, handle, reference, inserted, provisional] of copyRows(reader, sql)) {
    batch.push({
      key: key ?? '',
      handle: handle ?? '',
      reference: reference ?? '',
      inserted: inserted === 't',
      provisional: provisional === 't',
    });
    if (batch.length < ROWS) continue;
    missing.push(...(await completeFound(inputs, batch)));
    batch = [];
  }
  missing.push(...(await completeFound(inputs, batch)));
  await settleMissing(inputs, missing);
  await writer.query(
    `delete from ${schema}.second_pass where ${ofMapping} and column_name = ${quoteText(name)}`,
  );
}

const partsOf = (compiled: CompiledMapping, handle: string): readonly string[] =>
  compiled.handle.length === 1 ? [handle] : (JSON.parse(handle) as string[]);

/** Completes the rows whose reference is there now, and gives the others. */
async function completeFound(
  inputs: SecondPassInputs,
  batch: readonly Waiting[],
): Promise<readonly Waiting[]> {
  const { keyMap } = inputs;
  if (keyMap instanceof BatchedKeyMap)
    await keyMap.prefetch(new Set(batch.map(({ reference }) => reference)));
  const found: { readonly waiting: Waiting; readonly value: string }[] = [];
  const missing: Waiting[] = [];
  for (const waiting of batch) {
    const value = keyMap.get(waiting.reference);
    if (value === undefined) missing.push(waiting);
    else found.push({ waiting, value });
  }
  if (found.length > 0) await complete(inputs, found);
  return missing;
}

/** Writes the references that are known now. */
async function complete(
  inputs: SecondPassInputs,
  batch: readonly { readonly waiting: Waiting; readonly value: string }[],
): Promise<void> {
  await update(inputs, batch);
  inputs.tally.secondPass += batch.length;
  for (const _ of batch) inputs.tally.reference(inputs.column.column.name, OUTCOME.resolved);
}

async function update(
  { compiled, column, writer, checkpoint, schema, run }: SecondPassInputs,
  batch: readonly { readonly waiting: Waiting; readonly value: string }[],
): Promise<void> {
  const handles = compiled.handle.map((index, n) => {
    const found = compiled.columns[index]?.column;
    return `t.${quoteName(found?.name ?? '')} = s.h${String(n)}::${found?.type.sql ?? 'text'}`;
  });
  const lines = copyLines(
    batch.map(({ waiting, value }) => [
      ...partsOf(compiled, waiting.handle),
      value,
      waiting.inserted ? 'f' : 't',
    ]),
  );
  const list = [...compiled.handle.map((_, n) => `h${String(n)}`), 'v', 'existing'].join(', ');
  const owner = { schema, run, mapping: compiled.mapping.name };
  const rows = `from ${quoteTable(compiled.table)} t, pg_temp.etl_second s where ${handles.join(' and ')}`;
  const set = `${quoteName(column.column.name)} = s.v::${column.column.type.sql}`;
  try {
    await writer.script(
      `begin; truncate pg_temp.etl_second restart identity; copy pg_temp.etl_second (${list}) from stdin;
       ${undoSql(owner, { handle: handleNames(compiled), names: [column.column.name] })} ${rows} and s.existing;
       ${wroteSql(owner)};
       update ${quoteTable(compiled.table)} t set ${set} from pg_temp.etl_second s where ${handles.join(' and ')};
       ${checkpoint(NOTHING, 0)}; commit`,
      [lines],
    );
  } catch (error) {
    await writer.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Decides about the rows whose reference no row answers, as the mapping's `missing` and `default` say. */
async function settleMissing(inputs: SecondPassInputs, missing: readonly Waiting[]): Promise<void> {
  const { compiled, column, tally } = inputs;
  const spec = column.make.kind === 'value' ? column.make.spec : null;
  if (spec?.resolver?.kind !== 'references' || missing.length === 0) return;
  const { resolver, default: fallback } = spec;
  const [first] = missing;
  if (resolver.missing === 'fail' && first !== undefined) {
    const why = missingReference(
      resolver,
      column.column.name,
      [first.reference],
      causeOf(inputs, first.reference),
    );
    throw new EtlError(`${compiled.mapping.name}, row ${first.key}: ${why.reason}`, {
      exitCode: EXIT.checks,
    });
  }
  if (fallback !== null && resolver.missing === 'null') {
    const value = fallback.value.text;
    await update(
      inputs,
      missing.map((waiting) => ({ waiting, value })),
    );
    for (const _ of missing) tally.reference(column.column.name, OUTCOME.defaulted);
    return;
  }
  for (const _ of missing) tally.reference(column.column.name, OUTCOME.missing);
  if (resolver.missing === 'null') return;
  await rejectLate(inputs, missing);
}

/** Why the run has rejected the row that a waiting one refers to; null where it has not. */
function causeOf({ column, rejected }: SecondPassInputs, reference: string): Cause | null {
  const resolver = column.make.kind === 'value' ? column.make.spec.resolver : null;
  if (resolver?.kind !== 'references' || resolver.by !== null) return null;
  return rejected.get(resolver.mapping.value)?.get(reference) ?? null;
}

/** Takes rows away again whose own reference is missing, with all that refer to them, and says why of each. */
async function rejectLate(inputs: SecondPassInputs, missing: readonly Waiting[]): Promise<void> {
  const { compiled, column, writer, run, schema, tally, own, checkpoint } = inputs;
  const spec = column.make.kind === 'value' ? column.make.spec : null;
  const [index] = compiled.handle;
  const handle = compiled.columns[index ?? -1]?.column;
  if (spec?.resolver?.kind !== 'references' || handle === undefined || compiled.handle.length !== 1) {
    throw new EtlError(
      `${compiled.mapping.name}.${column.column.name}: rows are missing and cannot be taken back`,
      {
        exitCode: EXIT.checks,
        help: 'say missing: null there, or give the mapping an identity',
      },
    );
  }
  const { resolver } = spec;
  const { name } = column.column;
  const lateCause = { mapping: compiled.mapping.name, column: name, rule: 'references' };
  const late = missing.filter((waiting) => waiting.provisional);
  const existing = missing.filter((waiting) => !waiting.inserted).length;
  const rejectOf = (key: string | null, reference: string, reason: string): Reject => ({
    key, column: name, rule: 'references', sqlstate: null, reason, value: reference, row: null, at: resolver.at,
  }); // prettier-ignore
  const rejects = missing.map(({ key, reference }) =>
    rejectOf(
      key,
      reference,
      missingReference(resolver, name, [reference], causeOf(inputs, reference)).reason,
    ),
  );
  await writer.script(
    `begin; truncate pg_temp.etl_second restart identity; copy pg_temp.etl_second (h0, v) from stdin`,
    [copyLines(late.map((waiting) => [waiting.handle, waiting.key]))],
  );
  const { rows } = await writer.query(takeSql(inputs, handle, ownReferences(compiled)));
  const types = compiled.key.map((field) => compiled.fields[field]?.type.base ?? 'text');
  for (const [parent, kept, parts] of rows) {
    const found = parts === null || parts === undefined ? null : (JSON.parse(parts) as string[]);
    const key = found === null ? (kept ?? null) : canonicalKey(found, types);
    if (key !== null) {
      own?.delete(key);
      inputs.rejected.get(compiled.mapping.name)?.add(key, lateCause);
    }
    if (parent === null || parent === undefined) continue;
    const reason = `the row that it refers to in ${resolver.mapping.value} (${parent} in the target) was rejected`;
    rejects.push(rejectOf(key, parent, reason));
  }
  const columns = 'run, mapping, source_key, column_name, rule, sqlstate, reason, value, "row", file, line';
  const older = late.filter((waiting) => !waiting.inserted).length;
  const taken = tally.taken(rows.length - older, existing);
  await writer.script(
    `copy ${schema}.rejects (${columns}) from stdin; ${checkpoint(taken, rejects.length)}; commit`,
    [rejectLines(rejects, run, compiled.mapping.name)],
  );
  tally.takeBack(taken);
  for (const reject of rejects) tally.reject(reject);
}

/** The columns by which rows of a mapping refer to each other. */
const ownReferences = (compiled: CompiledMapping): readonly string[] =>
  compiled.columns.flatMap(({ column, make }) =>
    make.kind === 'value' &&
    make.spec.resolver?.kind === 'references' &&
    make.spec.resolver.mapping.value === compiled.mapping.name &&
    make.spec.resolver.yields === null
      ? [column.name]
      : [],
  );

/**
 * Deletes the staged rows and all that refer to them, with their pairs and with what other second passes would
 * do about them. Gives of each the row that it referred to, and its source key: as kept, or the key columns' texts.
 */
function takeSql(
  { compiled, schema, run }: SecondPassInputs,
  handle: TableColumn,
  references: readonly string[],
): string {
  const table = quoteTable(compiled.table);
  const [h, type, mapping] = [quoteName(handle.name), handle.type.sql, quoteText(compiled.mapping.name)];
  const parents = references.map((name) => `t.${quoteName(name)}`).join(', ');
  const pair = `from ${schema}.key_map k where ${pairsOf(compiled)} and k.target_key::${type} = t.${h}`;
  const kept = `(select k.source_key ${pair})`;
  const names = compiled.table.columns.filter((c) => !c.generated).map((c) => c.name);
  return `with recursive gone as (
      select s.h0::${type} as h, null::text as parent from pg_temp.etl_second s
      union select t.${h}, g.h::text from ${table} t join gone g on g.h in (${parents})
    ), taken as (delete from ${table} t using gone g where t.${h} = g.h
      returning t.${h} as h, g.parent, ${kept} as kept, ${keyParts(compiled)} as parts,
        t.xmin::text::bigint as xid, (select k.run ${pair}) as pair_run, ${textsByName(names)} as was
    ), undo as (${undoDeletedSql({ schema, run, mapping: compiled.mapping.name }, 'taken')}
    ), pairs as (delete from ${schema}.key_map k using taken
      where ${pairsOf(compiled)} and k.target_key::${type} = taken.h
    ), passes as (delete from ${schema}.second_pass p using taken
      where p.run = ${quoteText(run)} and p.mapping = ${mapping} and p.target_key::${type} = taken.h)
    select parent, kept, parts from taken`;
}

/** The source key's texts, as PostgreSQL prints them, from the target row `t`; null where the pair is kept elsewhere. */
function keyParts(compiled: CompiledMapping): string {
  if (compiled.found !== 'target') return 'null::text';
  const names = compiled.targetKey.map(
    (index) => `format('%s', t.${quoteName(compiled.columns[index]?.column.name ?? '')})`,
  );
  return `json_build_array(${names.join(', ')})::text`;
}
