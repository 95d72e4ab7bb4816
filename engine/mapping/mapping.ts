import type { Mapping, Threshold } from '../contract/mapping.js';
import type { Located, Position } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';
import type { Build, NamedLookups } from './build.js';
import { checksOf } from './checks.js';
import { normaliseColumns } from './columns.js';
import { checkKeyless } from './keyless.js';
import { normaliseLookups } from './lookups.js';
import { didYouMean, errorAt, located } from './report.js';
import { normaliseSource } from './source.js';
import type { RawCopy } from './spec/etl.js';
import { normaliseHooks } from './spec/hooks.js';
import type { RawMapping } from './spec/mapping.js';
import { checkSpokenOf } from './spoken-of.js';
import { checkTarget, normaliseTarget } from './target.js';
import type { TargetDefaults } from './target.js';

/** What every mapping takes from etl.yaml. */
export interface Surroundings {
  /** Null where etl.yaml cannot be read. */
  readonly phases: readonly Located<string>[] | null;
  readonly defaults: TargetDefaults & { readonly maxRejects: Threshold; readonly stopAt: Threshold };
  readonly lookups: NamedLookups;
}

/** A mapping file in normal form, or null where source, target or columns cannot be read at all. */
export function normaliseMapping(
  raw: RawMapping,
  name: string,
  surroundings: Surroundings,
  build: Build,
): Mapping | null {
  const { values, owner: at } = raw;
  const { defaults } = surroundings;
  if (values.phase !== undefined || !raw.keyAt.has('phase')) {
    checkPhase(values.phase ?? null, at, surroundings, build);
  }
  const own = normaliseLookups(raw, build);
  const { byName, complete } = surroundings.lookups;
  const lookups = { byName: new Map([...byName, ...own.byName]), complete: complete && own.complete };
  const source = values.source === undefined ? null : normaliseSource(values.source, build);
  const target = values.target === undefined ? null : normaliseTarget(values.target, defaults, build);
  const columns = values.columns === undefined ? null : normaliseColumns(values.columns, lookups, build);
  if (source === null || target === null || columns === null) return null;
  const { listed, sameName } = columns;
  checkTarget(target, source, { listed, sameName: sameName !== null }, build);
  if (values.source?.keyAt.has('key') === false)
    checkKeyless(source, target, columns.columns, values.deleted_rows ?? null, build);
  const rules = values.rules?.items ?? [];
  const checks = checksOf(values.checks?.items ?? [], build);
  checkSpokenOf({ target, rules, checks }, { listed, sameName: sameName !== null }, build);
  return {
    name,
    file: at.file,
    at,
    description: values.description?.value ?? '',
    phase: values.phase?.value ?? null,
    tags: (values.tags?.items ?? []).map((tag) => tag.value),
    dependsOn: values.depends_on?.items ?? [],
    source,
    target,
    columns: columns.columns,
    sameName,
    rules,
    hooks: normaliseHooks(values.hooks),
    checks,
    maxRejects: values.max_rejects ?? defaults.maxRejects,
    stopAt: values.stop_at ?? defaults.stopAt,
    deletedRows: values.deleted_rows?.value ?? null,
    plainCopy: false,
  };
}

/** The mapping that an entry under `copy` stands for: every column, the primary key as key on both sides. */
export function plainCopy({ table, phase }: RawCopy, surroundings: Surroundings, build: Build): Mapping {
  const { at } = table;
  const { defaults } = surroundings;
  checkPhase(phase, at, surroundings, build);
  return {
    name: table.value,
    file: at.file,
    at,
    description: `Plain copy of ${table.value}`,
    phase: phase?.value ?? null,
    tags: [],
    dependsOn: [],
    source: {
      connection: located('source', at),
      from: { kind: 'table', table, where: null },
      key: [],
      changedAt: null,
      skipWhen: [],
      duplicates: { kind: 'reject', at },
      ignore: [],
      sensitive: [],
      partition: { kind: 'auto' },
      at,
    },
    target: {
      connection: located('target', at),
      table,
      key: [],
      identity: null,
      mode: located('upsert', at),
      merge: null,
      triggers: defaults.triggers,
      constraints: defaults.constraints,
      at,
    },
    columns: [],
    sameName: at,
    rules: [],
    hooks: { before: [], after: [] },
    checks: [],
    maxRejects: defaults.maxRejects,
    stopAt: defaults.stopAt,
    deletedRows: null,
    plainCopy: true,
  };
}

/** Where phases are declared a mapping names one of them, else none. */
function checkPhase(
  phase: Located<string> | null,
  mappingAt: Position,
  { phases }: Surroundings,
  { report }: Build,
): void {
  if (phases === null) return;
  const known = phases.map(({ value }) => value);
  if (phase === null) {
    if (known.length === 0) return;
    const words = { label: '"phase" is missing here', help: `add phase: ${known.join(' | ')}` };
    report(errorAt('ETL-LANG-013', mappingAt, 'etl.yaml declares phases, but no phase is named', words));
  } else if (known.length === 0) {
    const help = 'declare phases in etl.yaml, or remove this one';
    report(errorAt('ETL-LANG-013', phase.at, 'etl.yaml declares no phases', { help }));
  } else if (!known.includes(phase.value)) {
    const help = didYouMean(suggest(phase.value, known), known);
    report(
      errorAt('ETL-LANG-013', phase.at, `unknown phase "${phase.value}"`, { label: 'not in etl.yaml', help }),
    );
  }
}
