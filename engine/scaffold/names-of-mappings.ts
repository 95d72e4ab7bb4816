import type { Table } from '../contract/catalogue.js';
import { tableParts } from '../contract/table-name.js';
import type { Parent } from './draft-column.js';
import { isTable, keyOf } from './match-columns.js';
import type { Proposal } from './propose.js';

/** Files of a project folder that are no mappings. */
const RESERVED: ReadonlySet<string> = new Set(['etl', 'exceptions']);

/** A name for the mapping of each table, which is also its file's: the table's own where that is free. */
export function mappingNames(
  tables: readonly Table[],
  shown: (table: Table) => string,
  taken: readonly string[],
): ReadonlyMap<Table, string> {
  const used = new Set([...taken, ...RESERVED]);
  const names = new Map<Table, string>();
  for (const table of tables) {
    const wanted = tableParts(shown(table))
      .join('_')
      .replaceAll(/[^\p{L}\p{N}_-]+/gu, '_');
    let name = wanted;
    for (let n = 2; used.has(name); n++) name = `${wanted}_${String(n)}`;
    used.add(name);
    names.set(table, name);
  }
  return names;
}

/** For each new mapping the first phase in which everything stands that it refers to; empty where there are none. */
export function phasesOf(
  fresh: readonly Proposal[],
  standing: readonly Parent[],
  phases: readonly string[],
): ReadonlyMap<Proposal, string> {
  if (phases.length === 0) return new Map();
  const places = new Map(fresh.map((one) => [one, 0]));
  // A pass can move a mapping back only if it has moved another one: as many passes as phases are enough.
  for (let moved = true; moved;) {
    moved = false;
    for (const one of fresh) {
      const place = Math.max(places.get(one) ?? 0, ...parentPlaces(one, places, standing, phases));
      if (place === places.get(one)) continue;
      places.set(one, place);
      moved = true;
    }
  }
  return new Map(fresh.map((one) => [one, phases[places.get(one) ?? 0] ?? '']));
}

function parentPlaces(
  { pair, columns }: Proposal,
  places: ReadonlyMap<Proposal, number>,
  standing: readonly Parent[],
  phases: readonly string[],
): readonly number[] {
  return columns.flatMap(({ target }) => {
    const key = keyOf(pair.target, target.name);
    if (key === null) return [];
    const old = standing.find((parent) => isTable({ ...pair.target, ...parent.target }, key.table));
    if (old !== undefined) return [Math.max(0, phases.indexOf(old.phase ?? ''))];
    const other = [...places].find(([one]) => isTable(one.pair.target, key.table));
    return other === undefined ? [] : [other[1]];
  });
}
