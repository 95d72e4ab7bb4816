import { OUTCOME } from '../../compile/program/resolver.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { partsOfKey, readSource } from '../read/source-rows.js';
import type { Tally } from '../rows/tally.js';
import { sampleProgram } from '../sample/sample-references.js';
import { holdsValue } from './holds-value.js';
import type { TakeBackInputs } from './leaving.js';
import { isRow, keyOfRow, passesOf, plainHandle, wasWholeSql, type RowLink } from './links.js';

/** Rows that are looked at in one go. */
const PAGE = 10_000;

type Inputs = Pick<TakeBackInputs, 'context' | 'session' | 'links' | 'tallyOf'>;

/**
 * Takes rows that leave the target (`etl_leaving`) out of the counts of their other references. Of a column that may lead to
 * several mappings, a value counts with the first that has it. Gives what does so, after the commit.
 */
export async function uncountReferences(inputs: Inputs, mapping: string): Promise<() => void> {
  const { session, context } = inputs;
  const own = inputs.links.filter(({ from }) => from.mapping.name === mapping);
  const [first] = own;
  const tally = inputs.tallyOf(mapping);
  if (first === undefined || tally === null || tally === undefined) return () => undefined;
  const filters = own.flatMap((link) => {
    const { column, fallback, place, resolver } = link;
    const value = `t.${quoteName(column)}`;
    const other = `g.via <> ${quoteText(column)}`;
    const isDefault = fallback === null ? 'false' : `${value}::text = ${quoteText(fallback)}`;
    const ways = own.filter((other) => other.column === column);
    const leads =
      resolver.parents.length === 1
        ? 'true'
        : [
            ...ways.slice(0, place).map((other) => `not ${holds(other, context.schema)}`),
            holds(link, context.schema),
          ].join(' and ');
    const isFirst = String(place === 0);
    return [
      `${value} is not null and not (${isDefault}) and ${leads}`,
      `${isDefault} and ${isFirst}`,
      `${isNone(link, context.schema)} and ${isFirst}`,
    ].map((what) => `count(*) filter (where ${other} and ${what})`);
  });
  const { rows } = await session.query(`select ${filters.join(', ')} ${leavingSql(first, context)}`);
  const done: (() => void)[] = [];
  for (const link of own) {
    if (link.then !== 'null' || link.fallback !== null || link.place > 0) continue;
    done.push(await missingAsNull(inputs, link, tally));
  }
  return () => {
    for (const [n, { column, to }] of own.entries()) {
      const [resolved, defaulted, none] = [0, 1, 2].map((k) => -Number(rows[0]?.[n * 3 + k] ?? 0));
      tally.reference(column, to.mapping.name, OUTCOME.resolved, resolved);
      tally.reference(column, undefined, OUTCOME.defaulted, defaulted);
      tally.reference(column, undefined, OUTCOME.null, none);
    }
    for (const one of done) one();
  };
}

/** What follows a select over the rows that leave the target, or become what they were. */
const leavingSql = ({ from }: RowLink, { schema, handle }: TakeBackInputs['context']): string =>
  `from pg_temp.etl_leaving g join ${tableRows(from.table)} t on ${isRow(from, 't', 'g.handle')}
   where g.mapping = ${quoteText(from.mapping.name)}
     and (g.take or ${wasWholeSql({ schema, run: handle.run, compiled: from })})`;

/** SQL: the row refers to nothing, and waits for nothing. */
const isNone = ({ from, column }: RowLink, schema: string): string =>
  `t.${quoteName(column)} is null and not exists (select from ${schema}.second_pass p where ${passesOf(schema, from)}
     and p.column_name = ${quoteText(column)} and ${plainHandle(from, 'p.target_key')} = g.handle)`;

/**
 * Of rows that hold null where the mapping says `missing: null`, only the source tells which named a row that is not
 * there: they were counted as missing, not as null.
 */
async function missingAsNull({ context, session }: Inputs, link: RowLink, tally: Tally): Promise<() => void> {
  const { from, column, resolver } = link;
  const program = sampleProgram(
    from,
    new Set(resolver.parents.map(({ mapping }) => mapping.value)),
    context.ports,
  );
  const ways = program.references.filter((one) => one.column === column);
  const counts = new Map<string | undefined, number>();
  for (let last = ''; ;) {
    const { rows } = await session.query(
      `select g.source_key ${leavingSql(link, context)} and g.via <> ${quoteText(column)} and ${isNone(link, context.schema)}
         and g.source_key > ${quoteText(last)} order by g.source_key limit ${String(PAGE)}`,
    );
    if (rows.length === 0) break;
    const keys = rows.map(([key]) => partsOfKey(from, key ?? ''));
    await readSource(context, from, keys, (_key, row) => {
      const named = ways.find((way) => way.key(row) !== null);
      if (named === undefined) return;
      const slot = resolver.switch === null ? undefined : named.mapping;
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
    });
    last = rows.at(-1)?.[0] ?? '';
  }
  return () => {
    for (const [slot, count] of counts) {
      tally.reference(column, slot, OUTCOME.missing, -count);
      tally.reference(column, undefined, OUTCOME.null, count);
    }
  };
}

/** SQL: whether a row of the mapping that the link leads to has the value of a row `t`. */
function holds({ to, column, value, bound }: RowLink, schema: string): string {
  const { join, where } = keyOfRow(to, 'm', schema);
  return `exists (select from ${tableRows(to.table)} m ${join}
    where ${holdsValue(`t.${quoteName(column)}`, `m.${quoteName(value)}`, bound)} and ${where})`;
}
