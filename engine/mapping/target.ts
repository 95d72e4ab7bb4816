import type { SourceSpec, TargetSpec } from '../contract/mapping.js';
import type { Located, Position } from '../contract/problem.js';
import { checkConnection, checkRepeated } from './build.js';
import type { Build } from './build.js';
import { errorAt, located, notYet } from './report.js';
import type { RawTarget } from './spec/target.js';

/** The target columns that a mapping gives a value. */
export interface ListedColumns {
  readonly listed: ReadonlySet<string>;
  readonly sameName: boolean;
}

/** What a target takes from `defaults` of etl.yaml. */
export type TargetDefaults = Pick<TargetSpec, 'triggers' | 'constraints'>;

/** `target:` with its defaults; parts that could not be read, and were reported, are empty. */
export function normaliseTarget(raw: RawTarget, defaults: TargetDefaults, build: Build): TargetSpec {
  const { values } = raw;
  const connection = values.connection ?? located('target', raw.owner);
  checkConnection(connection, build);
  if (connection.value !== 'target')
    build.report(
      notYet(
        connection.at,
        'another connection than "target" here',
        'state, foreign keys and the transaction of each batch are the one target’s: a project of its own loads another database',
      ),
    );
  checkRepeated(values.key ?? [], build);
  return {
    connection,
    table: values.table ?? located('', raw.owner),
    key: values.key ?? [],
    identity: values.identity ?? null,
    mode: values.mode ?? located('upsert', raw.owner),
    merge: values.merge?.value === true ? values.merge.at : null,
    triggers: values.triggers ?? defaults.triggers,
    constraints: values.constraints ?? defaults.constraints,
    at: raw.owner,
  };
}

/**
 * Checks key and identity against the listed target columns; where `"*": same_name` stands, any column may
 * have a value and only what is listed can contradict.
 */
export function checkTarget(
  target: TargetSpec,
  source: SourceSpec,
  columns: ListedColumns,
  build: Build,
): void {
  for (const key of target.key) {
    const made = key.value === target.identity?.column.value;
    if (columns.sameName || columns.listed.has(key.value) || made) continue;
    const message = `the key column "${key.value}" gets no value`;
    const words = { label: 'not under columns', help: `list "${key.value}" under columns` };
    build.report(errorAt('ETL-REF-007', key.at, message, words));
  }
  if (target.merge !== null) checkMerge(target, target.merge, build);
  if (target.identity !== null) checkIdentity(target.identity, source, columns, build);
}

/** A row that others fill, too, is found by its key, and nobody may take it for his own. */
function checkMerge({ key, mode }: TargetSpec, at: Position, { report }: Build): void {
  if (key.length === 0) {
    const help = 'name the columns by which a row of another mapping is found: key: …';
    report(errorAt('ETL-LANG-016', at, '"merge" needs the target\'s key', { help }));
  }
  if (mode.value === 'upsert') return;
  const message = `"merge" updates rows that exist, and "mode: ${mode.value}" does not`;
  report(errorAt('ETL-LANG-016', at, message, { help: 'leave one of the two out' }));
}

function checkIdentity(
  { column, strategy }: NonNullable<TargetSpec['identity']>,
  source: SourceSpec,
  columns: ListedColumns,
  build: Build,
): void {
  if (strategy === null) return;
  const report = contradiction(strategy, build);
  const listed = columns.listed.has(column.value);
  if (strategy.value === 'mapped' && !listed && !columns.sameName) {
    report(`"mapped" takes the value of "${column.value}" from columns, which do not list it`);
  }
  if (strategy.value !== 'mapped' && listed) {
    report(`"${strategy.value}" makes the value of "${column.value}", but columns gives it one too`);
  }
  if (strategy.value === 'preserve' && source.key.length > 1) {
    report(`"preserve" takes over the source key, which has ${String(source.key.length)} columns`);
  }
}

function contradiction({ at }: Located<string>, { report }: Build): (message: string) => void {
  return (message) => {
    report(errorAt('ETL-LANG-016', at, message, { help: 'choose another strategy, or leave it out' }));
  };
}
