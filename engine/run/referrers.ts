import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { givenColumn, referencesOf } from '../contract/references.js';

/** Columns of some table that hold values of columns of a mapping's table. */
export interface Referrer {
  readonly table: { readonly schema: string; readonly name: string };
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
}

const FOREIGN_KEYS = `
  select n.nspname, c.relname, (select json_build_array(json_agg(own.attname), json_agg(other.attname))
    from generate_series(1, cardinality(k.conkey)) i(n)
      join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[i.n]
      join pg_attribute other on other.attrelid = k.confrelid and other.attnum = k.confkey[i.n])
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'f' and k.confrelid = $1 and k.conparentid = 0`;

/**
 * What refers to the rows of a mapping: foreign keys of any table, also those that would delete or empty what refers,
 * and references of mappings that have none.
 */
export async function readReferrers(
  session: Session,
  compiled: CompiledMapping,
  all: ReadonlyMap<string, CompiledMapping>,
): Promise<readonly Referrer[]> {
  const { rows } = await session.query(FOREIGN_KEYS, [compiled.table.oid]);
  const keys = rows.map(([schema, name, pairs]): Referrer => {
    const [columns, referenced] = JSON.parse(pairs ?? '[[],[]]') as [string[], string[]];
    return { table: { schema: schema ?? '', name: name ?? '' }, columns, referenced };
  });
  const references = [...all.values()].flatMap((other) =>
    referencesOf(other).flatMap(({ parent, bound, column }): readonly Referrer[] => {
      if (parent.mapping.value !== compiled.mapping.name) return [];
      const wanted = givenColumn(compiled, bound);
      return wanted === '' ? [] : [{ table: other.table, columns: [column.name], referenced: [wanted] }];
    }),
  );
  const seen = new Set<string>();
  return [...keys, ...references].filter((one) => {
    const id = JSON.stringify([one.table.schema, one.table.name, one.columns, one.referenced]);
    return !seen.has(id) && seen.add(id);
  });
}
