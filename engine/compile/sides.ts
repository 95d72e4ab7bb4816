import type { Table } from '../contract/catalogue.js';
import type { Mapping } from '../contract/mapping.js';
import type { Located, Problem } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';
import { quoteDotted } from '../contract/table-name.js';
import type { Sides } from './context.js';
import { sourceShapes, type CatalogueReader, type FoundShape } from './shape.js';

/**
 * Finds both sides of the mappings in the catalogues; all databases are asked at the same time.
 * @param sources a catalogue for each source connection's name
 * @param problems filled in the order of the mappings, of each its source's before its target's
 * @returns by name, in the order of the mappings: those that have both sides
 */
export async function bindSides(
  mappings: readonly Mapping[],
  sources: ReadonlyMap<string, CatalogueReader>,
  target: CatalogueReader,
  problems: Problem[],
): Promise<ReadonlyMap<string, Sides>> {
  const [targets, ...perSource] = await Promise.all([
    targetTables(mappings, target),
    ...[...sources].map(([name, source]) =>
      sourceShapes(
        mappings.filter((mapping) => mapping.source.connection.value === name),
        source,
      ),
    ),
  ]);
  const shapes = new Map<Mapping, FoundShape>(perSource.flatMap((found) => [...found]));
  const all = new Map<string, Sides>();
  for (const mapping of mappings) {
    const found = shapes.get(mapping);
    if (found === undefined) continue;
    const table = targets.tables.get(quoteDotted(mapping.target.table.value));
    const unfit = targetProblem(mapping.target.table, table, targets.known);
    problems.push(...found.problems, ...(unfit === null ? [] : [unfit]));
    if (found.shape === null || table === undefined || unfit !== null) continue;
    all.set(mapping.name, { mapping, shape: found.shape, table });
  }
  return all;
}

interface TargetTables {
  /** By name as SQL text. */
  readonly tables: ReadonlyMap<string, Table>;
  /** All tables that there are, where one is missing. */
  readonly known: readonly string[];
}

async function targetTables(mappings: readonly Mapping[], target: CatalogueReader): Promise<TargetTables> {
  const names = mappings.map((mapping) => quoteDotted(mapping.target.table.value));
  const tables = await target.tables(names);
  const known = names.every((name) => tables.has(name)) ? [] : await target.tableNames();
  return { tables, known };
}

/** Why a table cannot be loaded, or null. */
function targetProblem(
  { value, at }: Located<string>,
  table: Table | undefined,
  known: readonly string[],
): Problem | null {
  if (table === undefined) {
    const near = suggest(value, known);
    const help =
      near === null ? 'has its schema been created, and may the role see it?' : `did you mean "${near}"?`;
    return {
      code: 'ETL-BIND-004',
      severity: 'error',
      message: `the target has no table "${value}"`,
      at,
      help,
    };
  }
  const refused = (why: string, help: string): Problem => {
    const message = `"${value}" cannot be loaded: ${why}`;
    return { code: 'ETL-BIND-019', severity: 'error', message, at, help };
  };
  if (table.kind !== 'r' && table.kind !== 'p') return refused('it is no table', 'name the table behind it');
  const { closed = [], cure = '' } = table.rowSecurity ?? {};
  if (closed.length === 0) return null;
  return refused(`row-level security may hide rows from ${closed.join(', ')} by the target role`, cure);
}
