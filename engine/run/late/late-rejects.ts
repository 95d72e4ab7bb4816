import type { Reject } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { Refusal } from '../../compile/program/refusal.js';
import { OUTCOME, missingReference } from '../../compile/program/resolver.js';
import type { ChainEnds } from '../../resolve/rejected-keys.js';
import type { RunContext } from '../context.js';
import { partsOfKey, sourceRows } from '../read/source-rows.js';
import { rejectLines } from '../rows/batch.js';
import { withoutValues } from '../rows/rows.js';
import type { GoneRow, TakeBackInputs } from './leaving.js';
import { countedWith, type RowLink } from './links.js';

/** What was said of the rows of all pages. */
export interface Told {
  /** Some rejects of each mapping. */
  readonly examples: Map<string, readonly Reject[]>;
  readonly ends: ChainEnds;
}

/** Writes down a reject of each row of a page. Gives what counts them, to be done after the commit. */
export async function writeRejects(
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
