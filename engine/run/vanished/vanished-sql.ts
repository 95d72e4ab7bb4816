import { plainType, type PgType } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { handleText, textsByName, undoDeletedSql } from '../../postgres/undo.js';
import { isNumber } from '../../resolve/value-map.js';
import { handleNames, pairCondition, pairsOf } from '../keys/pairs.js';

/** The tables of this file; a session may have those of another mapping. */
export const DROP = 'drop table if exists pg_temp.etl_source_keys, pg_temp.etl_vanished, pg_temp.etl_kept';

/** The source's keys, one column of text for each part of the key; a kept pair's key is one text. */
export const keysTable = (compiled: CompiledMapping): string =>
  `create temp table etl_source_keys (${partsOf(compiled)
    .map((name) => `${name} text not null`)
    .join(', ')})`;

const partsOf = (compiled: CompiledMapping): readonly string[] =>
  compiled.found === 'key_map' ? ['k0'] : compiled.key.map((_, n) => `k${String(n)}`);

/** As what a key's part is compared: equal keys may have several texts, and not each text of one side fits the other. */
function comparedAs(from: PgType, to: PgType): string {
  if (from.base === 'integer' && to.base === 'integer') return 'int8';
  if (from.base === 'float' || to.base === 'float') return 'float8';
  if (isNumber(from.base) && isNumber(to.base)) return 'numeric';
  const { kind, name, sql } = plainType(to);
  return kind === 'enum' || name === 'text' || name === 'varchar' ? 'text' : sql;
}

/**
 * The mapping's rows of the target that no source key answers, as the temporary table `etl_vanished`: the row's place,
 * its source key as it is shown, its handle.
 */
export function goneTable(compiled: CompiledMapping, schema: string): string {
  const table = tableRows(compiled.table);
  if (compiled.found === 'key_map') {
    return `create temp table etl_vanished as select t.tableoid as tab, t.ctid as place, k.source_key as key, k.target_key as handle
      from ${schema}.key_map k join ${table} t on ${pairCondition(compiled)}
      where ${pairsOf(compiled)} and not k.merged and not exists (select from etl_source_keys s where s.k0 = k.source_key)`;
  }
  const keys = compiled.targetKey.map((index, n) => {
    const column = compiled.columns[index]?.column;
    const from = compiled.fields[compiled.key[n] ?? -1]?.type;
    const type = column === undefined || from === undefined ? 'text' : comparedAs(from, column.type);
    return { name: `t.${quoteName(column?.name ?? '')}`, type, part: `s.k${String(n)}` };
  });
  const same = keys.map(({ name, type, part }) => `${part}::${type} = ${name}::${type}`).join(' and ');
  return `create temp table etl_vanished as select t.tableoid as tab, t.ctid as place, ${joined(keys.map(({ name }) => `${name}::text`))} as key,
      ${handleText(handleNames(compiled))} as handle from ${table} t
    where ${keys.map(({ name }) => `${name} is not null`).join(' and ')}
      and not exists (select from etl_source_keys s where ${same})`;
}

/** One text, or the JSON array of several. */
const joined = (texts: readonly string[]): string =>
  texts.length === 1 ? (texts[0] ?? '') : `jsonb_build_array(${texts.join(', ')})::text`;

/**
 * Takes rows out of `etl_vanished` that no run of the project has made, as `etl.batches` has it; of a mapping that stands
 * in no batch nothing tells them apart. Pairs are kept of own rows alone.
 */
export function keepOthers({ found, project, mapping }: CompiledMapping, schema: string): string {
  if (found === 'key_map') return 'select';
  const batches = `${schema}.batches b join ${schema}.runs r on r.run = b.run
    where r.project = ${quoteText(project)} and b.mapping = ${quoteText(mapping.name)}`;
  return `with made as (
      select e.handle, null::int8range ids from (select b.created from ${batches} and b.created is not null) m,
        json_array_elements_text(m.created) e (handle)
      union all select null, i.ids from (select b.ids from ${batches}) m, unnest(m.ids) i (ids)
    ), kept as (delete from etl_vanished g where exists (select from ${batches})
      and not exists (select from made m where m.handle = g.handle)
      and not exists (select from made m where m.ids is not null and g.handle ~ '^-?[0-9]+$' and m.ids @> g.handle::int8)
      returning g.key)
    insert into etl_kept select key from kept`;
}

/** Takes rows out of `etl_vanished` that the closure holds. Keeps them in `etl_kept`. */
export const KEEP_REFERRED = `with kept as (delete from etl_vanished g using pg_temp.etl_closure c
      where c.at = g.place and c.tab = g.tab returning g.key)
    insert into etl_kept select key from kept`;

/** Deletes what is in `etl_vanished`, with its pairs, and writes down what the rows were. */
export function deleteGone(compiled: CompiledMapping, schema: string, run: string): string {
  const { table, mapping } = compiled;
  const names = table.columns.filter((column) => !column.generated).map(({ name }) => name);
  const pair = (column: string): string =>
    `(select k.${column} from ${schema}.key_map k where ${pairsOf(compiled)} and k.source_key = g.key)`;
  return `with gone as (delete from ${tableRows(table)} t using etl_vanished g where t.tableoid = g.tab and t.ctid = g.place
      returning g.handle as h, g.key, t.xmin::text::bigint as xid, ${textsByName(names)} as was,
        ${pair('source_key')} as kept, ${pair('run')} as pair_run
    ), undo as (${undoDeletedSql({ schema, run, mapping: mapping.name }, 'gone')}
    ), pairs as (delete from ${schema}.key_map k using gone where ${pairsOf(compiled)} and k.source_key = gone.key)
    select count(*) from gone`;
}
