import type { DashboardMapping } from '../../contract/dashboard.js';
import type { Mapping } from '../../contract/mapping.js';
import type { MappingResult } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import type { StepSettings } from '../../contract/spent.js';
import { bottleneckOf } from '../../../reports/bottleneck.js';
import { readKeptRun } from '../../state/kept-run.js';
import { readLines, readRanges, readSamples, type DecidingLine } from '../../state/step-details.js';
import type { Desk } from '../desk.js';
import { textOf, withoutSecrets } from '../files.js';
import type { SiteFiles } from '../site.js';
import { counts } from './run-line.js';
import { readRun, stepAnswer } from './run.js';

const SAMPLES = 500;

/** @returns null where there is no such run, or no such mapping in it */
export async function answerMapping(
  desk: Desk,
  session: Session,
  schema: string,
  asked: { readonly run: string; readonly mapping: string },
): Promise<DashboardMapping | null> {
  const seen = await readRun(session, schema, desk, asked.run);
  const step = seen?.state.steps.find(({ mapping }) => mapping === asked.mapping);
  if (seen === null || step === undefined) return null;
  const { name, stateSchema } = desk.site.project;
  const of = { run: seen.state.run.run, mapping: asked.mapping };
  const ranges = await readRanges(session, schema, of);
  const lines = await readLines(session, schema, of);
  const kept = await readKeptRun(session, schema, { project: name, stateSchema, run: of.run });
  const result =
    kept === null || kept === 'under_way'
      ? undefined
      : kept.result.mappings.find(({ mapping }) => mapping === of.mapping);
  const files = await desk.site.files();
  const declared = files.project?.mappings.find((mapping) => mapping.name === of.mapping);
  const own = textOf(files, declared?.file ?? result?.file ?? null);
  const measured = seen.measures.steps.find(({ mapping }) => mapping === of.mapping);
  const answered = seen.answer.mappings.find(({ mapping }) => mapping === of.mapping);
  return {
    step: answered ?? stepAnswer(step, seen.state, seen.outlook, null),
    ...toldBy(declared, result),
    unexplained: result?.unexplained ?? null,
    references: result?.references ?? [],
    checks: (result?.checks ?? []).map(({ check, status, source, target, note = null }) => ({
      ...{ check, status, source, target, note },
    })),
    settings: settingsOf(measured?.settings ?? null),
    ranges: ranges.map((range) => ({
      partition: range.partition,
      status: range.status,
      last_key: range.lastKey,
      batches: range.batches,
      bytes: range.bytes,
      backend_pid: seen.outlook.alive ? range.backendPid : null,
      updated_at: range.updatedAt,
      ...counts(range),
    })),
    samples: await readSamples(session, schema, of, SAMPLES),
    spent: answered?.spent ?? null,
    bottleneck: measured === undefined ? null : bottleneckOf(measured),
    retries: measured?.retries ?? 0,
    warnings: lines.reduce((sum, { kind, rows }) => sum + (kind === 'warning' ? rows : 0), 0),
    yaml:
      own === null
        ? null
        : { text: withoutSecrets(own.text), changed: await hasChanged(session, schema, of.run, files) },
    lines: linesIn(lines, own?.file ?? null, files),
  };
}

/** From the files as they are, else from what the run has noted. */
function toldBy(
  declared: Mapping | undefined,
  result: MappingResult | undefined,
): Pick<DashboardMapping, 'file' | 'description' | 'source' | 'table'> {
  if (declared === undefined) {
    const { file = '', description = '', sourceName: source = '', targetTable: table = '' } = result ?? {};
    return { file, description, source, table };
  }
  const { file, description, source, target } = declared;
  const from = source.from.kind === 'table' ? source.from.table.value : 'query';
  return { file, description, source: from, table: target.table.value };
}

/** Whether any file of the project is another one than the run had: of a single file that is not kept. */
async function hasChanged(
  session: Session,
  schema: string,
  run: string,
  { hash }: SiteFiles,
): Promise<boolean> {
  const { rows } = await session.query(`select mappings_hash from ${schema}.runs where run = $1`, [run]);
  return rows[0]?.[0] !== hash;
}

const linesIn = (
  lines: readonly DecidingLine[],
  file: string | null,
  files: SiteFiles,
): DashboardMapping['lines'] =>
  lines.flatMap(({ file: named, line, kind, rows, rules }) =>
    file !== null && textOf(files, named)?.file === file ? [{ line, kind, rows, rules }] : [],
  );

function settingsOf(settings: StepSettings | null): DashboardMapping['settings'] {
  if (settings === null) return [];
  const { constraints, ranges, keys, existing, reading, batch_rows: batch, estimated_rows: rows } = settings;
  const dropped = constraints.dropped.length === 0 ? '' : `: ${constraints.dropped.join(', ')}`;
  return [
    { name: 'constraints', value: `${constraints.mode}${dropped}`, why: constraints.reason },
    { name: 'key ranges', value: String(ranges.count), why: ranges.reason === '' ? null : ranges.reason },
    ...keys.map(({ column, mapping, kind, reason }) => ({
      name: `keys of ${mapping} for ${column}`,
      value: kind,
      why: reason,
    })),
    ...(reading === '' ? [] : [{ name: 'reading', value: reading, why: null }]),
    ...(existing === '' ? [] : [{ name: 'rows that exist', value: existing, why: null }]),
    { name: 'rows of a batch', value: String(batch), why: null },
    { name: 'rows expected', value: String(rows), why: 'the planner of the source' },
  ];
}
