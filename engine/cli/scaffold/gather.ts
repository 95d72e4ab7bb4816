import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bindSides } from '../../compile/sides.js';
import type { Table } from '../../contract/catalogue.js';
import type { Session } from '../../contract/session.js';
import { Catalogue } from '../../postgres/catalogue.js';
import { acceptedValues, ownTables, seenValues } from '../../postgres/own-tables.js';
import { QUERY } from '../../scaffold/match-tables.js';
import { MEMORY_FILE, readMemory } from '../../scaffold/memory.js';
import type { ScaffoldInput, ScaffoldSide, Sketch } from '../../scaffold/scaffold.js';
import type { Standing } from '../../scaffold/standing.js';
import type { Databases } from '../databases.js';
import type { Loaded } from '../project.js';

/** A database with its catalogue, for as long as the work lasts. */
export interface OpenSide {
  readonly session: Session;
  readonly catalogue: Catalogue;
}

/** Opens source and target at the same time, and closes them behind the work. */
export async function withSides<T>(
  { open }: Databases,
  work: (source: OpenSide, target: OpenSide) => Promise<T>,
): Promise<T> {
  const opened = await Promise.allSettled([open('source'), open('target')]);
  const sessions = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    const [source, target] = sessions;
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    if (source === undefined || target === undefined) throw new Error('no source or no target');
    const [ours, theirs] = await Promise.all([Catalogue.open(source), Catalogue.open(target)]);
    return await work({ session: source, catalogue: ours }, { session: target, catalogue: theirs });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

/** Everything that a scaffold goes by, but for values: both catalogues, what stands, what was offered before. */
export async function gather(
  { project }: Loaded,
  source: OpenSide,
  target: OpenSide,
  zone: string | null,
): Promise<ScaffoldInput> {
  const [ours, theirs, lists] = await Promise.all([
    sideOf(source, project.stateSchema),
    sideOf(target, project.stateSchema),
    acceptedValues(target.session),
  ]);
  const named = ({ schema, name }: Table, column: string): string => JSON.stringify([schema, name, column]);
  const accepted = new Map(
    lists.map(({ schema, table, column, values }) => [JSON.stringify([schema, table, column]), values]),
  );
  return {
    source: ours,
    target: theirs,
    standing: await standingOf(project, { source, target }, { source: ours, target: theirs }),
    phases: project.phases,
    memory: readMemory(await textOf(path.join(project.folder, MEMORY_FILE))),
    zone,
    accepted: (table, column) => accepted.get(named(table, column)),
  };
}

async function sideOf({ session, catalogue }: OpenSide, except: string): Promise<ScaffoldSide> {
  const listed = await ownTables(session, except);
  const tables = await catalogue.tables(listed.map(({ quoted }) => quoted));
  const shown = new Map<Table, string>();
  for (const one of listed) {
    const table = tables.get(one.quoted);
    if (table !== undefined) shown.set(table, one.shown);
  }
  return { tables: [...shown.keys()], nameOf: (table) => shown.get(table) ?? table.name };
}

interface Both<T> {
  readonly source: T;
  readonly target: T;
}

/** The project's mappings whose sides are found; what does not bind is `etl check`'s to tell. */
async function standingOf(
  { mappings }: Loaded['project'],
  open: Both<OpenSide>,
  sides: Both<ScaffoldSide>,
): Promise<readonly Standing[]> {
  const sources = new Map([['source', open.source.catalogue]]);
  const own = mappings.filter(({ source }) => source.connection.value === 'source');
  const bound = await bindSides(own, sources, open.target.catalogue, []);
  const found = [...bound.values()].map(async ({ mapping, shape, table }): Promise<Standing | null> => {
    const target = sides.target.tables.find(({ oid }) => oid === table.oid);
    if (target === undefined) return null;
    const whole =
      shape.table === null ? null : sides.source.tables.find(({ oid }) => oid === shape.table?.oid);
    const file = path.resolve(mapping.file);
    const text = mapping.plainCopy ? null : await textOf(file);
    return {
      mapping,
      file: text === null ? null : { path: file, text },
      source: whole ?? asTable(mapping.name, shape.columns),
      target,
      isTable: whole !== null && whole !== undefined,
    };
  });
  return (await Promise.all(found)).filter((one) => one !== null);
}

/** A query's columns as a table without keys. */
const asTable = (
  name: string,
  columns: readonly Pick<Table['columns'][number], 'name' | 'type'>[],
): Table => ({
  ...{
    oid: QUERY,
    schema: '',
    name,
    kind: 'v',
    hasChildren: false,
    primaryKey: [],
    uniques: [],
    foreignKeys: [],
  },
  ...{
    maySwallow: false,
    maySwallowUpdates: false,
    ruled: false,
    keptApartBy: null,
    owned: false,
    role: '',
    rowSecurity: null,
    readable: null,
  },
  columns: columns.map((column) => ({
    ...{ name: column.name, type: column.type },
    ...{ notNull: false, hasDefault: false, generated: false, identity: null, sequence: null },
  })),
});

/** Asks for the values that a sketch would like to see. @returns null of a column that was not asked for */
export async function lookAt(
  { session }: OpenSide,
  { wanted }: Sketch,
): Promise<(table: Table, column: string) => readonly string[] | null> {
  const names = wanted.map(({ table, column }) => ({ schema: table.schema, table: table.name, column }));
  const values = await seenValues(session, names);
  const seen = new Map<Table, Map<string, readonly string[]>>();
  for (const [n, { table, column }] of wanted.entries()) {
    const list = values[n];
    if (list !== null && list !== undefined)
      seen.set(table, (seen.get(table) ?? new Map<string, readonly string[]>()).set(column, list));
  }
  return (table, column) => seen.get(table)?.get(column) ?? null;
}

const textOf = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
