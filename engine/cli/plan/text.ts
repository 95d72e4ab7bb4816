import { counted } from '../../contract/counted.js';
import type { DurationEstimate } from '../../contract/finding.js';
import type { Hooks } from '../../contract/mapping.js';
import type { Plan, Step } from '../../contract/plan.js';
import { MANY_ROWS } from '../../plan/constraints.js';
import { wavesOf } from '../../plan/waves.js';
import type { ToDo } from '../../run/delta/delta-plan.js';

/** A plan with what else is said of it. */
export interface PlanView {
  readonly hooks: Hooks;
  readonly plan: Plan;
  /** See `agreedHash`. */
  readonly hash: string;
  readonly estimate: DurationEstimate | null;
  /** Null where it was not asked for. */
  readonly work: readonly ToDo[] | null;
}

/** A plan as data; SQL and choices of how only where they are asked for. */
export function planJson(view: PlanView, explain: boolean): object {
  const { hooks, plan, hash, estimate, work } = view;
  const waves = wavesOf(plan.steps);
  return {
    version: 1,
    hash,
    hooks,
    estimate,
    ...(work === null ? {} : { to_do: work }),
    steps: plan.steps.map((step) => ({ ...shownStep(step, explain), wave: waves.get(step.id) })),
  };
}

function shownStep(step: Step, explain: boolean): object {
  if (step.kind !== 'load' || explain) return step;
  const { sql: _sql, reading: _reading, existing: _existing, keys: _keys, ...shown } = step;
  return shown;
}

/** A plan as lines for a human. */
export function planLines(
  { hooks, plan, hash, estimate, work }: PlanView,
  explain: boolean,
): readonly string[] {
  const loads = plan.steps.filter(({ kind }) => kind === 'load').length;
  const waves = Math.max(0, ...wavesOf(plan.steps).values());
  const parts = [
    `${String(loads)} ${loads === 1 ? 'load' : 'loads'} in ${String(waves)} ${waves === 1 ? 'wave' : 'waves'}`,
    ...(estimate === null ? [] : [`about ${durationWords(estimate.seconds)} (${estimate.basis})`]),
    `plan ${hash.slice(0, 12)}`,
  ];
  return [
    ...hooks.before.map((hook) => `before the run: ${hookText(hook)}`),
    planText(plan, explain),
    ...hooks.after.map((hook) => `after the run: ${hookText(hook)}`),
    parts.join(', '),
    ...(work ?? []).map(({ mapping, reason }) => `to do: ${mapping}, ${reason}`),
    ...(work?.length === 0 ? ['nothing to do: every mapping was loaded as it is'] : []),
  ];
}

const durationWords = (seconds: number): string => {
  if (seconds < 90) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${String(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
};

function planText(plan: Plan, explain: boolean): string {
  const lines: string[] = [];
  const waves = wavesOf(plan.steps);
  let phase: string | null = null;
  for (const [n, step] of plan.steps.entries()) {
    if (step.phase !== phase) lines.push(`phase ${step.phase ?? ''}`);
    ({ phase } = step);
    const needs = step.needs.filter((id) => plan.steps.some((s) => s.id === id && s.phase === step.phase));
    const rows = step.kind === 'load' ? ` (about ${counted(step.estimatedRows, 'row')})` : '';
    const after =
      needs.length === 0 ? '' : ` after ${needs.map((id) => id.replace(/^load /, '')).join(', ')}`;
    const wave = explain ? ` [wave ${String(waves.get(step.id))}]` : '';
    lines.push(`${String(n + 1).padStart(4)}. ${step.id}${rows}${after}${wave}`);
    if (step.kind === 'load') {
      lines.push(...step.before.map((hook) => `${INDENT}before it: ${hookText(hook)}`));
      lines.push(...constraintLines(step), ...rangeLines(step, explain));
      if (step.staged !== '') lines.push(`${INDENT}inserted ${step.staged}`);
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
