import { psqlPipe } from './process.mjs';

/** The schema of the target that keeps what a run has loaded, for pipes to carry and for others to compare with. */
export const LOADED = 'loaded';

/** Puts the target's tables aside as they are, and makes the target anew. */
export async function setAside(bed) {
  await bed.query(
    bed.admin('target'),
    `drop schema if exists ${LOADED} cascade; alter schema public rename to ${LOADED}`,
  );
  await bed.reset([LOADED]);
}

const FOREIGN_KEYS = `select conrelid::regclass::text as child, confrelid::regclass::text as parent, a.columns, a.nullable
  from pg_constraint, lateral (select array_agg(attname::text) as columns, bool_and(not attnotnull) as nullable
    from pg_attribute where attrelid = conrelid and attnum = any (conkey)) as a
  where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid order by conname`;

const TABLES = `select relname::text as name, array_agg(attname::text order by attnum) as columns
  from pg_class join pg_attribute on attrelid = pg_class.oid
  where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped and attgenerated = ''
  group by relname order by relname`;

/** The tables whose parents come before them, in that order; where a circle is met, one foreign key is opened. */
function inOrder(names, keys) {
  const order = [];
  const opened = [];
  let left = names;
  let standing = keys;
  while (left.length > 0) {
    const ready = left.filter((name) => !standing.some(({ child }) => child === name));
    if (ready.length > 0) {
      order.push(...ready);
      left = left.filter((name) => !ready.includes(name));
      standing = standing.filter(({ parent }) => left.includes(parent));
      continue;
    }
    const open = standing.find(({ child, parent, nullable }) => nullable && reaches(standing, parent, child));
    if (open === undefined) throw new Error(`a circle of foreign keys without a null: ${left.join(', ')}`);
    opened.push(open);
    standing = standing.filter((key) => key !== open);
  }
  return { order, opened };
}

function reaches(keys, from, to, seen = new Set()) {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return keys.some(({ child, parent }) => child === from && reaches(keys, parent, to, seen));
}

const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

/** Tables of the target, parents first, each `{ name, columns }` in SQL, without those that close a circle. */
export async function tablesOf(bed) {
  const [tables, keys] = [
    await bed.query(bed.admin('target'), TABLES),
    await bed.query(bed.admin('target'), FOREIGN_KEYS),
  ];
  const { order, opened } = inOrder(
    tables.map(({ name }) => name),
    keys,
  );
  return order.map((name) => {
    const closing = new Set(opened.filter(({ child }) => child === name).flatMap(({ columns }) => columns));
    const { columns } = tables.find((table) => table.name === name);
    return {
      name: quoted(name),
      columns: columns
        .filter((column) => !closing.has(column))
        .map(quoted)
        .join(', '),
    };
  });
}

/** How many rows the tables of a schema hold together. */
export async function rowsIn(bed, schema, tables) {
  const counts = tables.map(({ name }) => `(select count(*) from ${schema}.${name})`).join(' + ');
  const [{ rows }] = await bed.query(bed.admin('target'), `select ${counts} as rows`);
  return Number(rows);
}

/** Carries what was put aside into the empty target again: a pipe of COPY to COPY a table, one after the other. */
export async function pipeAll(bed, tables) {
  const { target } = bed.urls;
  for (const { name, columns } of tables) {
    const select = `copy ${LOADED}.${name} (${columns}) to stdout`;
    await psqlPipe(target, select, target, `copy ${name} (${columns}) from stdin`);
  }
}
