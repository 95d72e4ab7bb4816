import type { DashboardComparison } from '../../contract/dashboard.js';
import type { MappingHash } from '../../contract/watermark.js';
import type { MappingResult } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import { readKeptRun } from '../../state/kept-run.js';
import { readGroups } from '../../state/reject-pages.js';
import type { Desk } from '../desk.js';
import { counts } from './run-line.js';
import { readRun, type SeenRun } from './run.js';

interface Side {
  readonly seen: SeenRun;
  readonly results: ReadonlyMap<string, MappingResult>;
  readonly hashes: Readonly<Record<string, MappingHash>>;
  /** By mapping, column and rule. */
  readonly rejects: ReadonlyMap<string, number>;
}

/** @returns null where one of the runs is not there */
export async function answerComparison(
  desk: Desk,
  session: Session,
  schema: string,
  { a, b }: { readonly a: string; readonly b: string },
): Promise<DashboardComparison | null> {
  const left = await sideOf(desk, session, schema, a);
  const right = await sideOf(desk, session, schema, b);
  if (left === null || right === null) return null;
  const names = new Set([left, right].flatMap(({ seen }) => seen.state.steps.map(({ mapping }) => mapping)));
  const groups = new Set([...left.rejects.keys(), ...right.rejects.keys()]);
  return {
    a: left.seen.answer.run,
    b: right.seen.answer.run,
    mappings: [...names].sort().map((mapping) => ({
      mapping,
      a: stepOf(left, mapping),
      b: stepOf(right, mapping),
      edited: isEdited(left.hashes[mapping], right.hashes[mapping]),
      checks: checksOf(left.results.get(mapping), right.results.get(mapping)),
    })),
    rejects: [...groups].sort().flatMap((id) => {
      const [before, after] = [left.rejects.get(id) ?? 0, right.rejects.get(id) ?? 0];
      const [mapping, column, rule] = JSON.parse(id) as readonly [string, string | null, string];
      return before === after ? [] : [{ mapping, column, rule, a: before, b: after }];
    }),
  };
}

async function sideOf(desk: Desk, session: Session, schema: string, run: string): Promise<Side | null> {
  const seen = await readRun(session, schema, desk, run);
  if (seen === null) return null;
  const { name: project, stateSchema } = desk.site.project;
  const { run: name } = seen.state.run;
  const kept = await readKeptRun(session, schema, { project, stateSchema, run: name });
  const results = kept === null || kept === 'under_way' ? [] : kept.result.mappings;
  const { rows } = await session.query(`select hashes from ${schema}.runs where run = $1`, [name]);
  const nothing = { mapping: null, column: null, rule: null, key: null, text: null };
  const { groups } = await readGroups(session, schema, { project, run: name, kind: 'reject', ...nothing });
  const rejects = new Map<string, number>();
  for (const { mapping, column, rule, rows: count } of groups) {
    const id = JSON.stringify([mapping, column, rule]);
    rejects.set(id, (rejects.get(id) ?? 0) + count);
  }
  return {
    seen,
    results: new Map(results.map((result) => [result.mapping, result])),
    hashes: (JSON.parse(rows[0]?.[0] ?? 'null') ?? {}) as Readonly<Record<string, MappingHash>>,
    rejects,
  };
}

const isEdited = (a: MappingHash | undefined, b: MappingHash | undefined): boolean =>
  a !== undefined && b !== undefined && a.rows !== b.rows;

function stepOf({ seen, results }: Side, name: string): DashboardComparison['mappings'][number]['a'] {
  const step = seen.answer.mappings.find(({ mapping }) => mapping === name);
  if (step === undefined) return null;
  const ms = results.get(name)?.duration_ms;
  return { ...counts(step), status: step.status, seconds: ms === undefined ? step.seconds : ms / 1000 };
}

function checksOf(
  a: MappingResult | undefined,
  b: MappingResult | undefined,
): DashboardComparison['mappings'][number]['checks'] {
  const names = new Set([a, b].flatMap((of) => of?.checks.map(({ check }) => check) ?? []));
  const said = (of: MappingResult | undefined, check: string): string | null =>
    of?.checks.find((one) => one.check === check)?.status ?? null;
  return [...names].map((check) => ({ check, a: said(a, check), b: said(b, check) }));
}
