import { plainKey } from './expected.mjs';

const id = (name) => `"${name.replaceAll('"', '""')}"`;
const text = (value) => `'${value.replaceAll("'", "''")}'`;

/** A run's id wherever it stands in a row, and what is generated anew by each run. */
const RUN = String.raw`\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z`;

const KEYS = `select conrelid::regclass::text as name, array_agg(attname::text order by attnum) as columns
  from pg_constraint join pg_attribute on attrelid = conrelid and attnum = any (conkey)
  where contype = 'p' and connamespace = 'public'::regnamespace group by conrelid`;
const COLUMNS = `select relname::text as name, attname::text as column, format_type(atttypid, atttypmod) as type
  from pg_class join pg_attribute on attrelid = pg_class.oid
  where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped order by 1, attnum`;

/**
 * The tables that a project's mappings fill, by name: `phases`, `key` (columns that find a row), `surrogate` (a column
 * that each load numbers anew, or null), `references` `{ column, tables }`, `generated` (paths of values that each run
 * makes anew), `amounts` (columns of money), `mappings`.
 */
export async function tablesOfProject(query, project) {
  const [keys, columns] = [await query(KEYS), await query(COLUMNS)];
  const tableOf = new Map(project.mappings.map(({ name, target }) => [name, target.table.value]));
  const tables = new Map();
  for (const mapping of project.mappings) {
    const { name, target } = mapping;
    const of = columns.filter((column) => column.name === target.table.value);
    const entry = tables.get(target.table.value) ?? {
      ...{
        name: target.table.value,
        phases: [],
        mappings: [],
        surrogate: null,
        references: [],
        generated: [],
      },
      key: target.key.map(({ value }) => value),
      amounts: of.filter(({ type }) => /^numeric\(\d\d,2\)$/.test(type)).map(({ column }) => column),
    };
    if (entry.key.length === 0) entry.key = keys.find((key) => key.name === entry.name)?.columns ?? [];
    entry.phases.push(mapping.phase);
    entry.mappings.push(name);
    if (isSurrogate(target.identity, of)) entry.surrogate = target.identity.column.value;
    for (const { column, origin, resolver } of mapping.columns) {
      entry.generated.push(...generatedIn(origin, [column.value]));
      if (resolver?.kind !== 'references') continue;
      const parents = resolver.parents.filter((parent) => parent.yields === null);
      entry.references.push({
        column: column.value,
        tables: parents.map((parent) => tableOf.get(parent.mapping.value)),
      });
    }
    tables.set(entry.name, entry);
  }
  return tables;
}

/** Ids that a sequence or the clock has given; those of uuid5 and of the source are the same in every load. */
function isSurrogate(identity, columns) {
  if (identity === null) return false;
  const strategy = identity.strategy?.value ?? null;
  const { type } = columns.find(({ column }) => column === identity.column.value);
  return strategy === null ? type !== 'uuid' : ['sequence', 'uuid7', 'database'].includes(strategy);
}

function generatedIn(origin, path) {
  if (origin.kind === 'generate' && origin.what !== 'uuid5') return [path];
  if (origin.kind === 'run' && origin.what === 'started_at') return [path];
  if (origin.kind !== 'object') return [];
  return origin.entries.flatMap(({ key, origin: inner }) => generatedIn(inner, [...path, key]));
}

/** Copies the tables as they are into a schema of their own. */
export const snapshot = (query, tables, schema) =>
  query(
    [
      `drop schema if exists ${schema} cascade; create schema ${schema}`,
      ...[...tables.keys()].map((name) => `create table ${schema}.${id(name)} as table public.${id(name)}`),
    ].join('; '),
  );

/**
 * What the tables hold otherwise than those of another schema, a line each, ids compared by the rows that they stand
 * for.
 * @param tables those to compare; ids of others count as they stand
 * @param gone by mapping, keys of rows that may be missing now
 */
export async function differencesTo(query, tables, schema, gone = {}) {
  const pairs = new Map();
  const lines = [];
  for (const table of tables.values()) await pairUp(query, { table, tables, schema, pairs });
  for (const table of tables.values()) {
    const found = await query(compareSql({ table, tables, schema }));
    const may = new Set(table.mappings.flatMap((mapping) => gone[mapping] ?? []));
    const differing = found.filter(({ key, now }) => now !== null || !may.has(plainKey(key)));
    lines.push(
      ...differing.slice(0, 3).map(({ key, was, now }) => `${table.name} ${key}: was ${was}, is ${now}`),
    );
    if (differing.length > 3) lines.push(`${table.name}: ${differing.length - 3} more`);
  }
  return lines;
}

/** For a table whose ids are numbered anew, a temporary table of old and new ids of the same rows. */
async function pairUp(query, { table, tables, schema, pairs }) {
  if (table.surrogate === null || pairs.has(table.name)) return;
  pairs.set(table.name, true);
  const inKey = table.references.filter(({ column }) => table.key.includes(column));
  for (const { tables: parents } of inKey) {
    const within = parents.flatMap((parent) => tables.get(parent) ?? []);
    for (const parent of within) await pairUp(query, { table: parent, tables, schema, pairs });
  }
  const sides = joined({ table: { ...table, references: inKey }, tables, schema });
  await query(`drop table if exists pair_${table.name};
    create temporary table pair_${table.name} as select o.id::text as old, n.id::text as new
    from (${sides.old(`t.${id(table.surrogate)} as id`)}) as o join (${sides.now(`t.${id(table.surrogate)} as id`)}) as n using (key);
    create index on pair_${table.name} (old); analyze pair_${table.name}`);
}

/** Of a reference the pairs of the tables that it may lead to; none where their ids are the same in every load. */
const led = ({ tables: parents }, tables) => parents.filter((name) => tables.get(name)?.surrogate != null);

/** Both sides of a table with its `key` as JSON text, old ids replaced by new ones where a reference has one table. */
function joined({ table, tables, schema }) {
  const plain = table.references.filter((each) => each.tables.length === 1 && led(each, tables).length === 1);
  const joins = plain.map(
    (each, at) => `left join pair_${each.tables[0]} as p${at} on p${at}.old = t.${id(each.column)}::text`,
  );
  const value = (column, old) => {
    const at = plain.findIndex((each) => each.column === column);
    return at >= 0 && old ? `p${at}.new` : `t.${id(column)}::text`;
  };
  const key = (old) =>
    `json_build_array(${table.key.map((column) => value(column, old)).join(', ')})::text as key`;
  return {
    plain,
    old: (select) =>
      `select ${key(true)}, ${select} from ${schema}.${id(table.name)} as t ${joins.join(' ')}`,
    now: (select) => `select ${key(false)}, ${select} from public.${id(table.name)} as t`,
  };
}

function compareSql({ table, tables, schema }) {
  const sides = joined({ table, tables, schema });
  const several = table.references.filter((each) => each.tables.length > 1 && led(each, tables).length > 0);
  const apart = [table.surrogate, ...several.map(({ column }) => column)].filter((column) => column !== null);
  const less = [...apart.map((column) => [column]), ...table.generated]
    .map((path) => ` #- ${text(`{${path.join(',')}}`)}`)
    .join('');
  const renamed = sides.plain.map((each, at) => `${text(each.column)}, p${at}.new`).join(', ');
  const asText = sides.plain.map((each) => `${text(each.column)}, t.${id(each.column)}::text`).join(', ');
  const row = (more) =>
    `regexp_replace(((to_jsonb(t) || jsonb_build_object(${more}))${less})::text, '${RUN}', 'run', 'g') as row`;
  const others = several.map(({ column }, at) => `, t.${id(column)}::text as s${at}`).join('');
  // Which of several tables is meant, the row does not say: an id must be the new one of any of them.
  const wrong = several.map((each, at) => {
    const tries = led(each, tables).map((name) => `select new from pair_${name} where old = o.s${at}`);
    return ` or (o.s${at} is distinct from n.s${at} and n.s${at} not in (${tries.join(' union all ')}))
      or (o.s${at} is null) <> (n.s${at} is null)`;
  });
  return `select coalesce(o.key, n.key) as key, left(o.row, 600) as was, left(n.row, 600) as now
    from (${sides.old(row(renamed) + others)}) as o full join (${sides.now(row(asText) + others)}) as n using (key)
    where o.row is distinct from n.row${wrong.join('')} order by 1`;
}

const OBJECTS = (schema) => `
  select conrelid::regclass::text || '.' || conname as name, pg_get_constraintdef(oid) || ' ' || convalidated as text
  from pg_constraint where connamespace = '${schema}'::regnamespace
  union all select indexname, indexdef from pg_indexes where schemaname = '${schema}'`;

/** Constraints and indexes that are not those of another schema, a line each. */
export async function constraintDifferences(query, schema) {
  const plain = (rows) =>
    rows.map(({ name, text: of }) => `${name}: ${of}`.replaceAll(`${schema}.`, '').replaceAll('public.', ''));
  const [was, now] = [
    new Set(plain(await query(OBJECTS(schema)))),
    new Set(plain(await query(OBJECTS('public')))),
  ];
  return [
    ...[...was].filter((one) => !now.has(one)).map((one) => `missing: ${one}`),
    ...[...now].filter((one) => !was.has(one)).map((one) => `new: ${one}`),
  ];
}

/** The sums of all amounts of the target: `{ mapping, column, sum }`. @param gone as above: rows that do not count */
export async function moneyOf(query, tables, gone = {}) {
  const found = [];
  for (const table of tables.values()) {
    for (const column of table.amounts) {
      const [mapping] = table.mappings;
      const keys = (gone[mapping] ?? []).map(text).join(', ');
      const where =
        keys === '' ? '' : ` where concat_ws('/', ${table.key.map(id).join(', ')}) not in (${keys})`;
      const [{ sum }] = await query(
        `select coalesce(sum(${id(column)}), 0)::numeric(30, 2)::text as sum from ${id(table.name)}${where}`,
      );
      found.push({ mapping, column, sum });
    }
  }
  return found;
}

/** Rows that the tables still hold, a line for each table. */
export async function left(query, tables) {
  const lines = [];
  for (const name of tables.keys()) {
    const [{ rows }] = await query(`select count(*)::int as rows from ${id(name)}`);
    if (rows > 0) lines.push(`${name}: ${rows} rows are left`);
  }
  return lines;
}
