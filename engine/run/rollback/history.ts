import type { OwnRows } from '../../contract/constraints.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';

/** A mapping of a run that has left something to undo. */
export interface PastMapping {
  readonly name: string;
  readonly rows: OwnRows;
  /** The mappings that its rows refer to. */
  readonly refersTo: readonly string[];
}

/** A run as the state schema knows it. */
export interface PastRun {
  readonly run: string;
  /** Those that wrote rows and are not undone yet. */
  readonly mappings: readonly PastMapping[];
}

const WROTE = (schema: string, run: string): string =>
  `(exists (select from ${schema}.batches b where b.run = ${run}) or exists (select from ${schema}.undo u where u.run = ${run}))`;

/**
 * The run that is asked for, or the project's last one that can be undone.
 * @returns null where there is none
 * @throws EtlError exit 2 where the project has no such run
 */
export async function findRun(
  session: Session,
  schema: string,
  project: string,
  wanted: string | null,
): Promise<PastRun | null> {
  const { rows } = await session.query(
    `select r.run, r.run = $2 from ${schema}.runs r
     where r.project = $1 and (r.run = $2 or $2::text is null and ${WROTE(schema, 'r.run')}) order by r.epoch desc limit 1`,
    [project, wanted],
  );
  const run = rows[0]?.[0];
  if (typeof run === 'string') return { run, mappings: await mappingsOf(session, schema, run) };
  if (wanted === null) return null;
  const last = await session.query(
    `select run from ${schema}.runs where project = $1 order by epoch desc limit 5`,
    [project],
  );
  const names = last.rows.map(([name]) => name ?? '');
  throw new EtlError(`project "${project}" has no run "${wanted}"`, {
    exitCode: EXIT.usage,
    help: names.length === 0 ? 'it has none yet' : `its last ones are ${names.join(', ')}`,
  });
}

async function mappingsOf(session: Session, schema: string, run: string): Promise<readonly PastMapping[]> {
  const { rows } = await session.query(
    `select w.mapping, s.own_rows, to_json(s.refers_to)
     from (select mapping from ${schema}.batches where run = $1 union select mapping from ${schema}.undo where run = $1) w
     left join ${schema}.steps s on s.run = $1 and s.mapping = w.mapping and s.own_rows is not null
     order by w.mapping`,
    [run],
  );
  return rows.map(([name, own, refersTo]) => {
    if (own === null || own === undefined) {
      throw new EtlError(`run ${run} does not say which rows of mapping ${name ?? ''} are its own`, {
        exitCode: EXIT.usage,
        help: 'it was made by an older Crosswalk; etl.steps lacks what a rollback goes by',
      });
    }
    return {
      name: name ?? '',
      rows: JSON.parse(own) as OwnRows,
      refersTo: JSON.parse(refersTo ?? '[]') as string[],
    };
  });
}

/**
 * The mappings to undo: those that are selected, with those that refer to them.
 * @throws EtlError exit 2 where some refer to them and `withDependants` was not said
 */
export function withDependants(
  mappings: readonly PastMapping[],
  selected: ReadonlySet<string>,
  take: boolean,
): readonly PastMapping[] {
  const all = new Set(selected);
  for (let before = -1; before < all.size;) {
    before = all.size;
    for (const { name, refersTo } of mappings) if (refersTo.some((other) => all.has(other))) all.add(name);
  }
  const added = mappings.filter(({ name }) => all.has(name) && !selected.has(name)).map(({ name }) => name);
  if (added.length > 0 && !take) {
    throw new EtlError(
      `${added.join(', ')} ${added.length === 1 ? 'refers' : 'refer'} to what would be undone, and would be left with references to nothing`,
      { exitCode: EXIT.usage, help: 'add --with-dependants to undo the run for them too, or select them' },
    );
  }
  return mappings.filter(({ name }) => all.has(name));
}
