import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign, type Assignment } from '../../engine/compile/assign.js';
import { rowProgram } from '../../engine/compile/program/program.js';
import type { PgType, TableColumn } from '../../engine/contract/catalogue.js';
import type { ColumnMake } from '../../engine/contract/compiled.js';
import type { Session } from '../../engine/contract/session.js';
import { Catalogue } from '../../engine/postgres/catalogue.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { AT, compiledOf, emptyMapping, fieldOf, located, noInputs, runProgram } from '../support/compiled.js';
import { createDatabases, type Databases } from '../support/database.js';
import { NASTY, TYPES_SQL } from './nasty.js';

const NAMES = Object.keys(NASTY);
const sourceTable = (type: string): string => `source_${String(NAMES.indexOf(type))}`;
const targetTable = (type: string): string => `target_${String(NAMES.indexOf(type))}`;

const TABLES_SQL = NAMES.map((type) => {
  const values = (NASTY[type] ?? [])
    .map((value, n) => `(${String(n)}, cast(${value} as ${type}))`)
    .join(', ');
  return `create table ${sourceTable(type)} (id int, v ${type}); insert into ${sourceTable(type)} values ${values};
    create table ${targetTable(type)} (id int, v ${type});`;
}).join('\n');

let databases: Databases;
let session: Session;
const columns = new Map<string, TableColumn>();
const fields = new Map<string, PgType>();

beforeAll(async () => {
  databases = await createDatabases({ target: `${TYPES_SQL}\n${TABLES_SQL}` });
  session = await PgSession.open(
    {
      name: 'target',
      url: databases.target,
      ssl: null,
      ca: null,
      searchPath: [],
      origin: 'the test',
      at: AT,
    },
    'assign test',
  );
  const catalogue = await Catalogue.open(session);
  const tables = await catalogue.tables(NAMES.map((type) => `"${targetTable(type)}"`));
  const described = await catalogue.describe(NAMES.map((type) => `select v from ${sourceTable(type)}`));
  for (const [n, type] of NAMES.entries()) {
    const column = tables.get(`"${targetTable(type)}"`)?.columns[1];
    const given = described[n];
    if (given === undefined || given instanceof Error) throw given ?? new Error('no answer');
    const [field] = given;
    if (column === undefined || field === undefined) throw new Error(`no table for ${type}`);
    columns.set(type, column);
    fields.set(type, field.type);
  }
});

afterAll(async () => {
  await session.close();
  await databases.drop();
});

function get<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`nothing is named ${key}`);
  return value;
}

async function copyOut(sql: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of session.copyOut(sql)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The lines of a COPY by the id at their front. */
const byId = (copy: Buffer): ReadonlyMap<string, string> =>
  new Map(
    copy
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]),
  );

/** Tries all at once; where that fails, one by one, and leaves those out that fail. */
async function loadEach(
  run: (some: readonly string[]) => Promise<unknown>,
  all: readonly string[],
): Promise<void> {
  try {
    await run(all);
  } catch {
    for (const one of all) await run([one]).catch(() => undefined);
  }
}

/** What the engine's own way leaves in the target: id → value as COPY writes it. */
async function ours(from: string, to: string, how: Exclude<Assignment, { how: 'demand' }>) {
  const column = get(columns, to);
  const cast = how.how === 'cast' ? `::${how.to}` : '';
  const lines = await copyOut(`select v${cast} from ${sourceTable(from)} q order by id`);
  const spec = {
    column: located('v'),
    origin: { kind: 'source', columns: [located('v')], at: AT } as const,
    steps: [],
    resolver: null,
    default: null,
  };
  const { checks } = how;
  const make: ColumnMake =
    how.how === 'value'
      ? {
          kind: 'value',
          spec,
          origin: { kind: 'fields', fields: [0] },
          checks,
          keyTypes: [],
          reference: null,
        }
      : { kind: 'bytes', field: 0, checks };
  const type = get(fields, from);
  const field = fieldOf('v', how.how === 'cast' ? { ...type, name: how.to, base: column.type.base } : type);
  const compiled = compiledOf([field], [{ column, at: AT, make, volatile: false }], {
    mapping: emptyMapping,
  });
  const written = runProgram(rowProgram(compiled, noInputs), 1, lines);
  const accepted = written.flatMap(({ result }, n) =>
    Buffer.isBuffer(result) ? [`${String(n)}\t${result.toString()}`] : [],
  );
  await session.query(`delete from ${targetTable(to)}`);
  await loadEach(
    (some) => session.script(`copy ${targetTable(to)} from stdin`, [Buffer.from(some.join(''))]),
    accepted,
  );
  return byId(await copyOut(`select * from ${targetTable(to)}`));
}

/** What PostgreSQL's own assignment leaves there; `explicit` where it knows none: the cast that a user would write. */
async function theirs(from: string, to: string, expression: string) {
  await session.query(`delete from ${targetTable(to)}`);
  const ids = (NASTY[from] ?? []).map((_, n) => String(n));
  await loadEach(
    (some) =>
      session.query(
        `insert into ${targetTable(to)} select id, ${expression} from ${sourceTable(from)} where id in (${some.join(', ')})`,
      ),
    ids,
  );
  return byId(await copyOut(`select * from ${targetTable(to)}`));
}

/** Whether PostgreSQL has an assignment from one type to the other, whatever the value. */
async function isAssignable(from: string, to: string): Promise<boolean> {
  try {
    await session.query(`insert into ${targetTable(to)} select id, v from ${sourceTable(from)} where false`);
    return true;
  } catch {
    return false;
  }
}

/** The conversion that the engine is held to where PostgreSQL assigns with loss or knows no assignment. */
function explicit(from: string, to: string): string | null {
  const bases = `${get(fields, from).base} ${get(columns, to).type.base}`;
  // The cast would round to 6 and 15 digits; the printed ones name the float.
  if (bases === 'float numeric') return 'v::text::numeric';
  if (bases === 'text integer') return to === 'oid' ? 'v::numeric::int8' : 'v::numeric';
  return null;
}

/** The same where PostgreSQL has no assignment. */
function spelled(from: string, to: string): string {
  if (get(fields, from).base === 'boolean') return to === 'oid' ? 'v::int::oid' : 'v::int';
  return to === 'oid' ? 'v::int8' : `v::text::${to}`;
}

/** Pairs that are lossy by what they are, and that a user who maps them means. */
function isMeant(from: string, to: string): boolean {
  const [a, b] = [get(fields, from).base, get(columns, to).type.base];
  // A float holds the nearest number; jsonb holds the value of a json, not its spelling.
  return b === 'float' || (a === 'json' && to === 'jsonb') || a === 'text';
}

/** SQL that is true where the target's value, as a value of the source's type, is the source's. */
function same(from: string, to: string): string {
  const numbers = ['integer', 'numeric', 'float'];
  const both = [get(fields, from).base, get(columns, to).type.base].every((base) => numbers.includes(base));
  return both
    ? '(t.v::text::numeric = s.v::text::numeric)'
    : `(t.v::text::${from}::text is not distinct from s.v::text)`;
}

/** What is wrong with the values that come from one type into another, in the form `value as type …`. */
async function faults(
  from: string,
  to: string,
): Promise<{ readonly list: readonly string[]; readonly values: number }> {
  const how = assign(get(fields, from), get(columns, to));
  if (how.how === 'demand') return { list: [], values: 0 };
  const assigned = (await isAssignable(from, to)) ? 'v' : spelled(from, to);
  const expected = await theirs(from, to, explicit(from, to) ?? assigned);
  const loaded = await ours(from, to, how);
  const differences = [...loaded].flatMap(([id, value]) => {
    const wanted = expected.get(id);
    const given = NASTY[from]?.[Number(id)] ?? '';
    const what = `${given} as ${to} (${how.how}): ${value}, PostgreSQL ${wanted ?? 'refuses'}`;
    return value === wanted ? [] : [what];
  });
  if (from !== to && isMeant(from, to)) return { list: differences, values: loaded.size };
  const { rows } = await session.query(
    `select s.v, t.v from ${sourceTable(from)} s join ${targetTable(to)} t using (id) where not ${same(from, to)}`,
  );
  const lost = rows.map(
    ([before, after]) => `${String(before)} as ${to} (${how.how}) is now ${String(after)}`,
  );
  return { list: [...differences, ...lost], values: loaded.size };
}

describe('each pair of types: what is loaded is what PostgreSQL assigns and is still the same value, or it is not loaded', () => {
  it.each(NAMES)('from %s', async (from) => {
    const found = [];
    for (const to of NAMES) found.push(await faults(from, to));
    expect(found.flatMap(({ list }) => list)).toEqual([]);
    // At the least what goes into its own type.
    expect(found.reduce((sum, { values }) => sum + values, 0)).toBeGreaterThanOrEqual(
      NASTY[from]?.length ?? 1,
    );
  });
});
