import type { CompiledProject } from '../../compile/project.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { quoteTable } from '../../postgres/identifier.js';
import { referencesOf } from '../../contract/references.js';
import { counted } from '../../contract/counted.js';
import { obstaclesOf, readEmptied } from './obstacles.js';
import type { Emptier } from './sql.js';

/** What a run replaces, before it begins. */
export interface ReplaceFacts {
  readonly compiled: CompiledProject;
  /** Mappings that the run loads. */
  readonly planned: ReadonlySet<string>;
  /** `run` is empty for one that is still to begin. */
  readonly emptier: Emptier;
  readonly force: boolean;
}

/** Whether a mapping's table is emptied before its rows come. */
export const isReplaced = ({ mapping }: CompiledMapping): boolean => mapping.target.mode.value === 'replace';

/**
 * Looks whether the tables that a run replaces may be emptied, before anything is written.
 * @throws EtlError exit 2 that names every table and how many rows are in the way
 */
export async function assertReplaceable(session: Session, facts: ReplaceFacts): Promise<void> {
  const { compiled, planned, emptier, force } = facts;
  const loads = compiled.mappings.filter(({ mapping }) => planned.has(mapping.name));
  const replaced = loads.filter(isReplaced);
  const wrong = replaced.flatMap((one) => contradictions(one, loads, compiled));
  const [first] = wrong;
  if (first !== undefined) throw refusal(wrong, first.help);
  const all = new Map(compiled.mappings.map((one) => [one.mapping.name, one]));
  const found: { what: string; help: string }[] = [];
  for (const { sql, condition, what, help } of obstaclesOf(
    await readEmptied(session, replaced, all),
    emptier,
    force,
  )) {
    const { rows } = await session.query(
      `select case when ${condition} then (select count(*) from (${sql}) x) else 0 end`,
    );
    const count = Number(rows[0]?.[0] ?? 0);
    if (count > 0) found.push({ what: `${counted(count, 'row')} ${what}`, help });
  }
  if (found.length > 0) throw refusal(found, [...new Set(found.map(({ help }) => help))].join('; '));
}

function refusal(found: readonly { readonly what: string }[], help: string): EtlError {
  const message = `mode: replace: nothing was written: ${found.map(({ what }) => what).join('; ')}`;
  return new EtlError(message, { exitCode: EXIT.usage, help });
}

/** What keeps a mapping from being replaced whatever the table holds. */
function contradictions(
  one: CompiledMapping,
  loads: readonly CompiledMapping[],
  { opened }: CompiledProject,
): readonly { what: string; help: string }[] {
  const { name } = one.mapping;
  const found: { what: string; help: string }[] = [];
  const other = loads.find((load) => load !== one && load.table.oid === one.table.oid);
  if (other !== undefined) {
    const table = quoteTable(one.table);
    found.push({
      what: `${name} would empty ${table}, which ${other.mapping.name} of this run loads, too`,
      help: 'only one mapping may load a table that is replaced: use mode: upsert, or load it with a union',
    });
  }
  const circle = opened.find(({ from, to }) => from !== to && (from === name || to === name));
  if (circle !== undefined) {
    const what = `${circle.from} and ${circle.to} refer to each other: emptying one would take what the other refers to`;
    found.push({ what, help: 'use mode: upsert in both, with deleted_rows: delete where rows are to go' });
  }
  const yielding = referencesOf(one).find(
    ({ parent, bound }) => parent.mapping.value === name && bound.yields !== null,
  );
  if (yielding !== undefined) {
    const what = `${name}.${yielding.column.name} refers to its own mapping for another column than the identity`;
    found.push({ what, help: 'leave yields out, or use mode: upsert' });
  }
  return found;
}
