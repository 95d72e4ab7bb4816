import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { quoteTable } from '../../postgres/identifier.js';
import { readReferrers, type Referrer } from '../late/referrers.js';
import { emptiedSql, namelessSql, referringSql, strangersSql, type Emptier } from './sql.js';

/** Rows that keep a table from being emptied. */
export interface Obstacle {
  /** Selects them. */
  readonly sql: string;
  /** SQL: whether they are in the way at all. */
  readonly condition: string;
  /** What they are, behind their number. */
  readonly what: string;
  readonly help: string;
}

/** A mapping whose table is emptied, with what may refer to its rows. */
export interface Emptied {
  readonly compiled: CompiledMapping;
  readonly referrers: readonly Referrer[];
}

const isTable = (one: Referrer['table'], other: Referrer['table']): boolean =>
  one.schema === other.schema && one.name === other.name;

/** Whether rows of the one's table may refer to the other's. */
const refers = (one: CompiledMapping, { referrers }: Emptied): boolean =>
  referrers.some(({ table }) => isTable(table, one.table));

/**
 * The mappings that are emptied in one statement with `name`: those whose tables refer to its table, by way of
 * others too.
 * @param all the mappings that the run replaces
 */
export function groupOf(name: string, all: readonly Emptied[]): readonly Emptied[] {
  const group = all.filter(({ compiled }) => compiled.mapping.name === name);
  for (const member of group) {
    group.push(...all.filter((one) => !group.includes(one) && refers(one.compiled, member)));
  }
  return group;
}

/** What may be in the way of emptying the tables of a group at once. */
export function obstaclesOf(
  group: readonly Emptied[],
  emptier: Emptier,
  force: boolean,
): readonly Obstacle[] {
  return group.flatMap(({ compiled, referrers }) => {
    const { mapping, table } = compiled;
    const todo = `not ${emptiedSql(emptier, mapping.name)}`;
    const own = quoteTable(table);
    const strangers: Obstacle = {
      sql: strangersSql(compiled, emptier.schema),
      condition: todo,
      what: `of ${own} not loaded by ${mapping.name}, which replaces the table`,
      help: 'etl run --force deletes them, too; etl rollback can bring them back',
    };
    const nameless: Obstacle = {
      sql: namelessSql(compiled),
      condition: todo,
      what: `of ${own} without a value in the key or identity of ${mapping.name}, so that a rollback could not bring them back`,
      help: 'delete them yourself, or name an identity that every row has',
    };
    return [
      ...(force ? [] : [strangers]),
      nameless,
      ...referrers.flatMap((one) => referring(compiled, one, { group, emptier, todo })),
    ];
  });
}

/** Rows of another table that refer to the mapping's; those of the group go with them, if the run has not loaded them yet. */
function referring(
  compiled: CompiledMapping,
  one: Referrer,
  { group, emptier, todo }: { group: readonly Emptied[]; emptier: Emptier; todo: string },
): readonly Obstacle[] {
  if (isTable(one.table, compiled.table)) return [];
  const member = group.find((other) => isTable(one.table, other.compiled.table));
  const loaded = member === undefined ? [] : [emptiedSql(emptier, member.compiled.mapping.name)];
  const [other, own] = [quoteTable(one.table), quoteTable(compiled.table)];
  return [
    {
      sql: referringSql(compiled, one),
      condition: [todo, ...loaded].join(' and '),
      what: `of ${other} with a reference to ${own} by ${one.columns.join(', ')}, which ${compiled.mapping.name} replaces`,
      help: `let the mapping that loads ${other} say mode: replace and select it too, or take those rows away first (etl rollback, where a run has made them)`,
    },
  ];
}

/** Reads what may refer to the rows of mappings. */
export async function readEmptied(
  session: Session,
  mappings: readonly CompiledMapping[],
  all: ReadonlyMap<string, CompiledMapping>,
): Promise<readonly Emptied[]> {
  const found: Emptied[] = [];
  for (const compiled of mappings) {
    found.push({ compiled, referrers: await readReferrers(session, compiled, all) });
  }
  return found;
}
