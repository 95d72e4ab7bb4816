import { EXIT } from '../../contract/errors.js';
import type { Hooks } from '../../contract/mapping.js';
import type { Plan, Step } from '../../contract/plan.js';
import { MANY_ROWS } from '../../plan/constraints.js';
import { openDatabases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { prepare } from '../prepare.js';
import { readProject, selectMappings } from '../project.js';

export interface PlanFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly embedded: boolean;
  /** With what was chosen for each load, why, and the SQL. */
  readonly explain: boolean;
}

/** `etl plan`: the steps that `run` would take, from the same data. */
export async function planCommand(folder: string, flags: PlanFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const selected = selectMappings(loaded, flags.select, flags.exclude, output);
  const databases = await openDatabases(loaded.project, flags.embedded, output.quiet ? () => undefined : err);
  try {
    const { hooks } = loaded.project;
    const { plan } = await prepare(loaded, selected, databases, output);
    out(
      output.json
        ? JSON.stringify({ version: 1, hooks, ...planJson(plan, flags.explain) }, null, 2)
        : [
            ...hooks.before.map((hook) => `before the run: ${hookText(hook)}`),
            planText(plan, flags.explain),
            ...hooks.after.map((hook) => `after the run: ${hookText(hook)}`),
          ].join('\n'),
    );
    return EXIT.done;
  } finally {
    await databases.close();
  }
}

/** The steps as data; SQL and choices of how only where they are asked for. */
function planJson({ steps }: Plan, explain: boolean): object {
  if (explain) return { steps };
  return {
    steps: steps.map((step) => {
      if (step.kind !== 'load') return step;
      const { sql: _sql, reading: _reading, existing: _existing, keys: _keys, ...shown } = step;
      return shown;
    }),
  };
}

function planText(plan: Plan, explain: boolean): string {
  const lines: string[] = [];
  let phase: string | null = null;
  for (const [n, step] of plan.steps.entries()) {
    if (step.phase !== phase) lines.push(`phase ${step.phase ?? ''}`);
    ({ phase } = step);
    const needs = step.needs.filter((id) => plan.steps.some((s) => s.id === id && s.phase === step.phase));
    const rows = step.kind === 'load' ? ` (about ${step.estimatedRows.toLocaleString('en')} rows)` : '';
    const after =
      needs.length === 0 ? '' : ` after ${needs.map((id) => id.replace(/^load /, '')).join(', ')}`;
    lines.push(`${String(n + 1).padStart(4)}. ${step.id}${rows}${after}`);
    if (step.kind === 'load') {
      lines.push(...step.before.map((hook) => `${INDENT}before it: ${hookText(hook)}`));
      lines.push(...constraintLines(step), ...rangeLines(step, explain));
    }
    if (step.kind === 'hooks') lines.push(...step.after.map((hook) => `${INDENT}${hookText(hook)}`));
    if (step.kind === 'second_pass') {
      const most = Math.round(step.rowsAtMost).toLocaleString('en');
      lines.push(`${INDENT}at most ${most} rows: ${step.reason}`);
    }
    if (step.kind === 'load' && explain) lines.push(...explanation(step));
  }
  return lines.join('\n');
}

/** What is dropped and built again, and what stays; nothing of a small table where everything stays. */
function constraintLines({ constraints, estimatedRows }: Extract<Step, { kind: 'load' }>): readonly string[] {
  const { mode, drop, reason, kept } = constraints;
  const why = reason === null ? '' : ` (${reason})`;
  if (mode === 'keep') {
    return estimatedRows < MANY_ROWS ? [] : [`      constraints and indexes stay in place${why}`];
  }
  return [
    `      built again after the rows: ${drop.join(', ')}${why}`,
    ...kept.map((one) => `      stays: ${one.name}, ${one.reason}`),
  ];
}

const INDENT = '      ';

/** A hook's first line, with its place. */
function hookText({ value, at }: Hooks['before'][number]): string {
  const [first = '', ...others] = value.split('\n');
  return `${first}${others.length > 0 ? ' …' : ''} (${at.file}:${String(at.line)})`;
}

/** Key ranges, where there are several or the reason is asked for. */
function rangeLines({ ranges }: Extract<Step, { kind: 'load' }>, explain: boolean): readonly string[] {
  if (ranges.count === 1) return explain ? [`${INDENT}one reader: ${ranges.reason}`] : [];
  return [`${INDENT}${String(ranges.count)} key ranges side by side: ${ranges.reason}`];
}

/** How a load finds its rows and keys, and what it asks of the source. */
function explanation({ reading, existing, keys, sql }: Extract<Step, { kind: 'load' }>): readonly string[] {
  return [
    ...(reading === '' ? [] : [`${INDENT}${reading}`]),
    `${INDENT}rows that the target has are found ${existing}`,
    ...keys.map(({ column, mapping, kind, bytes, reason }) => {
      const where =
        kind === 'batched'
          ? 'asked for in batches'
          : `in memory, about ${String(Math.ceil(bytes / 1024))} kB`;
      return `${INDENT}${column}: keys of ${mapping} ${where} (${reason})`;
    }),
    `${INDENT}read by COPY of`,
    ...sql.split('\n').map((line) => `${INDENT}  ${line}`),
  ];
}
