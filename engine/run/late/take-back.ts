import type { Reject } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { Refusal } from '../../compile/program/refusal.js';
import { OUTCOME, missingReference } from '../../compile/program/resolver.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import {
  handleText,
  ownXidsSql,
  textsByName,
  undoDeletedSql,
  undoSql,
  wroteSql,
} from '../../postgres/undo.js';
import { rejectLines } from '../rows/batch.js';
import { withIndexes } from '../closure/indexes.js';
import type { RunContext } from '../context.js';
import type { GoneRows } from './gone.js';
import { countedWith, isRow, passesOf, plainHandle, type RowLink } from './links.js';
import { uncountReferences } from './uncount.js';
import { handleNames, pairsOf } from '../keys/pairs.js';
import { withoutValues } from '../rows/rows.js';
import { partsOfKey, sourceRows } from '../read/source-rows.js';
import { breakCircuit, firstOf } from '../rows/stream.js';
import { ChainEnds } from '../../resolve/rejected-keys.js';
import type { Taken, Tally } from '../rows/tally.js';

/** Rows that are read and written down at a time. */
const PAGE = 10_000;

const FOREIGN_KEY = '23503';

export interface TakeBackInputs {
  readonly context: RunContext;
  /** In a transaction that the caller ends; its `etl_leaving` holds the rows. */
  readonly session: Session;
  readonly links: readonly RowLink[];
  readonly gone: GoneRows;
  /** The counts of a mapping that this run has loaded; null where it is still to come, undefined where it never will. */
  readonly tallyOf: (mapping: string) => Tally | null | undefined;
  /** SQL that adds to a mapping's step. */
  readonly checkpoint: (mapping: string, taken: Taken, rejected: number) => string;
}

interface GoneRow {
  /** SQL of its place in the order of {@link pages}. */
  readonly at: string;
  readonly mapping: string;
  readonly key: string;
  readonly take: boolean;
  readonly was: string | null;
  /** The entry in `second_pass` of a row that waited. */
  readonly pass: string | null;
  readonly via: string;
  readonly parent: { readonly mapping: string; readonly key: string } | null;
  readonly rule: string | null;
  readonly sqlstate: string | null;
  readonly reason: string | null;
  readonly value: string | null;
}

/**
 * Takes the rows of `etl_leaving` out of the target, key maps and counts, and writes down a reject of each with its
 * source row and the chain up to the first cause. Gives what makes the counts so, to be done after the commit.
 * @throws EtlError exit 5 where rows refer to them that must not go: of a mapping that says `fail`, or that is not loaded
 */
export async function takeBack(inputs: TakeBackInputs): Promise<() => void> {
  await assertFree(inputs);
  const done: (() => void)[] = [];
  const told: Told = { examples: new Map(), ends: new ChainEnds() };
  const counts = new Map<string, { was: Record<string, number>; rejected: number }>();
  for await (const page of pages(inputs.session)) forgetKeys(inputs, page);
  for (const link of inputs.links) done.push(await leaveBehind(inputs, link));
  for await (const page of pages(inputs.session)) {
    for (const row of page) {
      const one = counts.get(row.mapping) ?? { was: {}, rejected: 0 };
      counts.set(row.mapping, one);
      one.was[row.was ?? 'unknown'] = (one.was[row.was ?? 'unknown'] ?? 0) + 1;
      one.rejected++;
    }
    done.push(await writeRejects(inputs, page, told));
  }
  for (const mapping of counts.keys()) done.push(await uncountReferences(inputs, mapping));
  const deleting = [...counts].flatMap(([mapping, { rejected: rows }]) => {
    const oid = inputs.context.compiled.get(mapping)?.table.oid;
    return oid === undefined || inputs.context.dryRun ? [] : [{ oid, rows }];
  });
  await withIndexes(inputs.session, deleting, () => deleteRows(inputs, [...counts.keys()]));
  for (const [mapping, { was, rejected }] of counts) {
    const tally = inputs.tallyOf(mapping);
    if (tally === null || tally === undefined) continue;
    const compiled = inputs.context.compiled.get(mapping);
    if (compiled !== undefined) {
      breakCircuit(
        compiled,
        tally.rejected + rejected,
        tally.read,
        firstOf(told.examples.get(mapping) ?? []),
      );
    }
    const taken = takenOf(tally, was);
    await inputs.session.query(inputs.checkpoint(mapping, taken, rejected));
    done.push(() => {
      tally.takeBack(taken);
    });
  }
  return () => {
    for (const one of done) one();
  };
}

/** How rows were counted; where only their mapping knew, as far as it goes as new ones. */
function takenOf(tally: Tally, was: Readonly<Record<string, number>>): Taken {
  const { inserted = 0, updated = 0, unchanged = 0, unknown = 0 } = was;
  const fresh = Math.min(unknown, tally.inserted - inserted);
  const changed = Math.min(unknown - fresh, tally.updated - updated);
  return {
    inserted: inserted + fresh,
    updated: updated + changed,
    unchanged: unchanged + unknown - fresh - changed,
  };
}

/** All rows, those that others hang on first. */
async function* pages(session: Session): AsyncIterable<readonly GoneRow[]> {
  for (let last = '(-1, 0)'; ;) {
    const { rows } = await session.query(
      `select found, n, mapping, source_key, take, was, pass, via, parent_mapping, parent_key, rule, sqlstate, reason, value
       from pg_temp.etl_leaving where (found, n) > ${last} order by found, n limit ${String(PAGE)}`,
    );
    if (rows.length === 0) return;
    const page = rows.map(([found, n, mapping, key, take, was, pass, via, of, parent, rule, sqlstate, reason, value]) => ({
      at: `(${found ?? ''}, ${n ?? ''})`, mapping: mapping ?? '', key: key ?? '', take: take === 't', was: was ?? null, pass: pass ?? null, via: via ?? '',
      parent: typeof of === 'string' && typeof parent === 'string' ? { mapping: of, key: parent } : null,
      rule: rule ?? null, sqlstate: sqlstate ?? null, reason: reason ?? null, value: value ?? null,
    })); // prettier-ignore
    yield page;
    last = page.at(-1)?.at ?? last;
  }
}

/** Rows that would have to go, but must not. */
async function assertFree({ links, gone, tallyOf }: TakeBackInputs): Promise<void> {
  for (const link of links) {
    const mapping = link.from.mapping.name;
    const stranger = tallyOf(mapping) === undefined;
    if (link.then !== 'fail' && !stranger) continue;
    const found = await gone.staying(link);
    if (found === null) continue;
    const [key, parent] = found;
    const row = `${mapping}, row ${key}: ${link.column} refers to ${link.to.mapping.name} ${parent}, which is rejected`;
    throw new EtlError(stranger ? `${row}, and ${mapping} is not part of this run` : row, {
      exitCode: EXIT.checks,
      help: stranger
        ? `select ${mapping}, too: its rows go with those that they refer to`
        : 'the mapping says "fail" there: mend the source, or let it reject',
    });
  }
}

/** Gives rows that need not go null, or their default, in place of the row that goes. */
async function leaveBehind(
  { session, context, gone, tallyOf }: TakeBackInputs,
  link: RowLink,
): Promise<() => void> {
  if (link.then !== 'null') return () => undefined;
  const { from, column, fallback } = link;
  const type = from.table.columns.find(({ name }) => name === column)?.type.sql ?? 'text';
  const to = fallback === null ? 'null' : `${quoteText(fallback)}::${type}`;
  const owner = { schema: context.schema, run: context.handle.run, mapping: from.mapping.name };
  const rows = `(select t.tableoid as tab, t.ctid as at from ${gone.stayingSql(link)}) r
    where t.tableoid = r.tab and t.ctid = r.at`;
  await session.query(
    `${undoSql(owner, { handle: handleNames(from), names: [column] })} from ${tableRows(from.table)} t, ${rows}
       and t.xmin::text::bigint not in (${ownXidsSql(context.schema, `b.run = ${quoteText(owner.run)}`)})
     for no key update of t`,
  );
  const { count } = await session.query(
    `update ${tableRows(from.table)} t set ${quoteName(column)} = ${to} from ${rows}`,
  );
  if (count > 0) await session.query(wroteSql(owner));
  const tally = tallyOf(from.mapping.name);
  return () => {
    const outcome = fallback === null ? OUTCOME.missing : OUTCOME.defaulted;
    tally?.reference(column, link.to.mapping.name, OUTCOME.resolved, -count);
    tally?.reference(column, countedWith(link), outcome, count);
  };
}

/** The rows are no rows of the mapping any more: whoever refers to them says so. */
function forgetKeys({ context }: TakeBackInputs, page: readonly GoneRow[]): void {
  for (const { mapping, key, take, via, parent, rule } of page) {
    if (take) context.keyMaps.get(mapping)?.delete(key);
    context.rejected.get(mapping)?.add(key, { mapping, column: via, rule: rule ?? 'references', parent });
  }
}

/** What was said of the rows of all pages. */
interface Told {
  /** Some rejects of each mapping. */
  readonly examples: Map<string, readonly Reject[]>;
  readonly ends: ChainEnds;
}

async function writeRejects(
  inputs: TakeBackInputs,
  page: readonly GoneRow[],
  told: Told,
): Promise<() => void> {
  const { context, session, tallyOf } = inputs;
  const byMapping = new Map<string, GoneRow[]>();
  for (const row of page) {
    const rows = byMapping.get(row.mapping) ?? [];
    byMapping.set(row.mapping, rows);
    rows.push(row);
  }
  const done: (() => void)[] = [];
  for (const [mapping, rows] of byMapping) {
    const compiled = context.compiled.get(mapping);
    const tally = tallyOf(mapping);
    // What is still to be loaded is read again, and says itself why its row is missing.
    if (compiled === undefined || tally === null || tally === undefined) continue;
    const rejects = await rejectsOf(inputs, compiled, rows, told.ends);
    if (!told.examples.has(mapping)) told.examples.set(mapping, rejects.slice(0, 3));
    const columns = 'run, mapping, source_key, column_name, rule, sqlstate, reason, value, "row", file, line';
    await session.script(`copy ${context.schema}.rejects (${columns}) from stdin`, [
      rejectLines(rejects, context.handle.run, mapping),
    ]);
    done.push(() => {
      for (const reject of rejects) tally.reject(reject);
      for (const row of rows) {
        if (row.rule !== null) continue;
        const link = linkOf(inputs.links, compiled, row);
        if (row.pass === null) tally.reference(row.via, link?.to.mapping.name, OUTCOME.resolved, -1);
        tally.reference(row.via, link === undefined ? undefined : countedWith(link), OUTCOME.missing);
      }
    });
  }
  return () => {
    for (const one of done) one();
  };
}

async function rejectsOf(
  { context, links }: TakeBackInputs,
  compiled: CompiledMapping,
  rows: readonly GoneRow[],
  ends: ChainEnds,
): Promise<readonly Reject[]> {
  const keys = rows.map(({ key }) => partsOfKey(compiled, key));
  const sources = await sourceRows(context, compiled, keys);
  const sensitive = sensitiveColumns(compiled);
  return rows.map((row): Reject => {
    const { key, via, parent, rule, sqlstate, reason, value } = row;
    const source = sources.get(key);
    const link = linkOf(links, compiled, row);
    const why =
      parent === null || link === undefined ? null : missingRow(link, parent.key, context.rejected, ends);
    const at = link?.resolver.at ?? compiled.mapping.at;
    const said = reason ?? why?.reason ?? '';
    const own = sqlstate !== null && sensitive.size > 0 ? withoutValues(said) : said;
    const refusal = new Refusal(via, rule ?? 'references', own, value ?? why?.value ?? null, at);
    const shown = sensitive.has(via) ? refusal.masked() : refusal;
    return {
      key: source?.key ?? key,
      column: via,
      rule: refusal.rule,
      sqlstate,
      reason: shown.reason,
      value: shown.value,
      row: source?.json ?? null,
      at,
      because: why?.because?.first ?? null,
    };
  });
}

/** The way by which a row referred to its parent, or any of its column where it had none. */
const linkOf = (links: readonly RowLink[], compiled: CompiledMapping, row: GoneRow): RowLink | undefined =>
  links.find(
    ({ from, column, to }) =>
      from === compiled &&
      column === row.via &&
      (row.parent === null || row.parent.mapping === to.mapping.name),
  );

/** What is said of a row whose reference by one link has no row. */
const missingRow = (link: RowLink, key: string, rejected: RunContext['rejected'], ends: ChainEnds): Refusal =>
  missingReference(
    link.resolver,
    link.column,
    link.parent.by === null ? partsOfKey(link.to, key) : [key],
    [{ parent: link.parent, key }],
    rejected,
    ends,
  );

/** Deletes the rows of all mappings in one statement, so that none stands in another's way. */
async function deleteRows(
  { session, context, links }: TakeBackInputs,
  mappings: readonly string[],
): Promise<void> {
  const { schema } = context;
  const all = mappings.flatMap((name) => context.compiled.get(name) ?? []);
  const which = (compiled: CompiledMapping): string => `g.mapping = ${quoteText(compiled.mapping.name)}`;
  const deletes = all.map((one, n) => {
    const owner = { schema, run: context.handle.run, mapping: one.mapping.name };
    const pair = `from ${schema}.key_map k where ${pairsOf(one)} and k.source_key = g.source_key`;
    const names = one.table.columns.filter((column) => !column.generated).map((column) => column.name);
    return `d${String(n)} as (delete from ${tableRows(one.table)} t using pg_temp.etl_leaving g
        where ${which(one)} and g.take and ${isRow(one, 't', 'g.handle')}
        returning g.n, ${handleText(handleNames(one))} h, t.xmin::text::bigint xid, ${textsByName(names)} was,
          (select k.source_key ${pair}) kept, (select k.run ${pair}) pair_run
      ), u${String(n)} as (${undoDeletedSql(owner, `d${String(n)}`)})`;
  });
  const counted = all.map((_, n) => `(select count(distinct n) from d${String(n)})`);
  const { rows } = await session
    .query(
      `with ${deletes.join(', ')} select ${counted.join(' + ')}, (select count(*) from pg_temp.etl_leaving where take)`,
    )
    .catch((error: unknown) => {
      throw sqlstateOf(error) === FOREIGN_KEY ? referredTo(error) : error;
    });
  const [deleted, wanted] = rows[0] ?? [];
  if (deleted !== wanted) {
    const names = mappings.join(', ');
    throw new EtlError(
      `${names}: ${wanted ?? ''} rows must be taken back, but only ${deleted ?? ''} of them could be deleted: a trigger or rule of the table keeps them`,
      { exitCode: EXIT.checks, help: 'let the run delete the rows that it has made' },
    );
  }
  for (const one of all) {
    if (one.found === 'key_map') {
      await session.query(
        `delete from ${schema}.key_map k using pg_temp.etl_leaving g
         where ${which(one)} and g.take and ${pairsOf(one)} and k.source_key = g.source_key`,
      );
    }
    // What is rejected by one column is not decided about by another.
    if (links.some(({ from }) => from === one)) {
      await session.query(
        `delete from ${schema}.second_pass p using pg_temp.etl_leaving g
         where ${which(one)} and ${passesOf(schema, one)} and g.handle = ${plainHandle(one, 'p.target_key')}`,
      );
    }
  }
}

const referredTo = (error: unknown): EtlError =>
  new EtlError(
    `rows must be taken back, but others that this project has not loaded refer to them: ${error instanceof Error ? error.message : ''}`,
    {
      exitCode: EXIT.checks,
      help: 'mend those rows, or say missing: null where the reference may be left out',
      cause: error,
    },
  );
