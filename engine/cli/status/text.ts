import { bytes, count, counted, duration, moment, visible } from '../../../reports/format.js';
import type { Paint } from '../../../reports/text/paint.js';
import { cells, padEnd, padStart } from '../../../reports/text/width.js';
import type { ProjectState, RunState, StepState } from '../../state/status.js';
import type { TimeShown } from './time.js';
import { ordered, type Outlook, type StepOutlook } from '../../outlook/outlook.js';
import type { ToGoOn } from '../../outlook/to-go-on.js';

/** A project's state for people, a block of lines after the other. */
export function statusText(
  project: string,
  state: ProjectState,
  outlook: Outlook,
  toGoOn: ToGoOn | null,
  time: TimeShown | null,
  paint: Paint,
): string {
  const blocks = [
    runLines(project, state, outlook, paint),
    state.run === null ? [] : stepLines(state.run, state, outlook, time, paint),
    timeLines(time),
    leftLines(state),
    toGoOn === null ? [] : [`To go on with run ${toGoOn.run}: ${toGoOn.command}`],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

type Cells = readonly string[];

/** Columns as wide as their widest cell; the first `left` of them begin at the left. */
function table(head: Cells, rows: readonly Cells[], left: number, paint: Paint): readonly string[] {
  const widths = head.map((_, n) => Math.max(...[head, ...rows].map((row) => cells(row[n] ?? ''))));
  const line = (row: Cells): string =>
    row
      .map((cell, n) => (n < left ? padEnd(cell, widths[n] ?? 0) : padStart(cell, widths[n] ?? 0)))
      .join('  ')
      .trimEnd();
  return [paint('dim', `  ${line(head)}`), ...rows.map((row) => `  ${line(row)}`)];
}

const took = ({ startedAt, finishedAt }: RunState, now: string): string =>
  duration(Math.max(0, Date.parse(finishedAt ?? now) - Date.parse(startedAt)));

function runLines(
  project: string,
  { runs, at, run: asked }: ProjectState,
  { alive }: Outlook,
  paint: Paint,
): Cells {
  const title = `Project ${visible(project)}`;
  if (runs.length === 0) return [`${title}: no run yet`];
  const rows = runs.map((run) => {
    const isDead = run.status === 'running' && !(alive && run.run === asked?.run);
    return [
      run.run,
      run.kind,
      isDead && run.run === asked?.run ? 'cut off' : run.status,
      moment(new Date(run.startedAt)).replace(' UTC', ''),
      isDead ? '' : took(run, at),
      run.exitCode === null ? '' : String(run.exitCode),
      count(run.read),
      count(run.rejected),
      visible(run.operator),
    ];
  });
  const head = ['run', 'kind', 'status', 'started (UTC)', 'time', 'exit', 'read', 'rejected', 'operator'];
  return [title, ...table(head, rows, 4, paint)];
}

/** `unknown` where nobody can tell. */
const left = (secondsLeft: number | null): string =>
  secondsLeft === null ? 'unknown' : duration(secondsLeft * 1000);

/** Mappings that are named where one waits for many. */
const NAMED = 2;

function waitText({ isBlocked, waitsFor }: StepOutlook): string {
  if (isBlocked) return 'will not run: what it needs has failed';
  if (waitsFor.length === 0) return '';
  const more = waitsFor.length > NAMED ? ` and ${String(waitsFor.length - NAMED)} more` : '';
  return `waits for ${waitsFor.slice(0, NAMED).map(visible).join(', ')}${more}`;
}

/** What the run's end hangs on, or hung on, and what its time left rests on. */
function wayLines({ alive, criticalPath, basis }: Outlook): Cells {
  const words = alive ? 'Its end hangs on' : 'Its length hung on';
  return [
    ...(criticalPath.length === 0 ? [] : [`${words}: ${criticalPath.map(visible).join(' → ')}`]),
    ...(basis === null ? [] : [`Time left: ${basis}`]),
  ];
}

const perSecond = (rate: number | null): string => (rate === null ? '' : `${count(Math.round(rate))}/s`);

function stepLines(
  run: RunState,
  { steps, at, worker }: ProjectState,
  outlook: Outlook,
  time: TimeShown | null,
  paint: Paint,
): Cells {
  const isOpen = run.status === 'running';
  const rows = ordered(steps, outlook).map((step) => {
    const of = outlook.steps.get(step.mapping) ?? UNKNOWN;
    const works = outlook.alive && step.status === 'running';
    return [
      visible(step.mapping),
      isOpen && !outlook.alive && step.status === 'running' ? 'cut off' : step.status,
      count(step.read),
      isOpen ? expectedText(step) : '',
      ...[step.inserted, step.updated, step.unchanged, step.skipped, step.rejected].map(count),
      works ? perSecond(of.rate) : '',
      works || (outlook.alive && step.status === 'waiting' && !of.isBlocked) ? left(of.secondsLeft) : '',
      time?.shares.get(step.mapping) ?? '',
      waitText(of),
    ];
  });
  const words = ['inserted', 'updated', 'unchanged', 'skipped', 'rejected'];
  const head = [
    'mapping',
    'state',
    'read',
    isOpen ? 'of' : '',
    ...words,
    ...(isOpen ? ['rate', 'left'] : ['', '']),
    'most time in',
    '',
  ];
  const title = !isOpen
    ? `Run ${run.run}: ${run.status} after ${took(run, at)}`
    : outlook.alive
      ? `Run ${run.run}: under way since ${took(run, at)}, ${perSecond(outlook.rate) || 'rate unknown'}, time left ${left(outlook.secondsLeft)} (server process ${String(worker?.pid ?? 0)}${worker?.client == null ? '' : `, from ${worker.client}`})`
      : `Run ${run.run}: cut off; its process is gone, what it committed stays`;
  return [title, ...table(head, rows, 2, paint), ...wayLines(outlook)];
}

const UNKNOWN: StepOutlook = { phase: null, rate: null, secondsLeft: null, isBlocked: false, waitsFor: [] };

const expectedText = ({ expected }: StepState): string =>
  expected === null ? 'unknown' : `${expected.from === 'estimate' ? '~' : ''}${count(expected.rows)}`;

/** Where the time goes, and what the process takes. */
function timeLines(time: TimeShown | null): Cells {
  if (time === null) return [];
  const { memory, retries } = time.measures;
  const facts = [
    ...(memory === null ? [] : [`memory ${bytes(memory)}`]),
    ...(retries === 0 ? [] : [counted(retries, 'retry', 'retries')]),
  ].join(', ');
  return [
    ...(time.bottleneck === null ? [] : [`Where the time goes: ${visible(time.bottleneck)}`]),
    ...(facts === '' ? [] : [`The process at its last checkpoint: ${facts}`]),
  ];
}

function leftLines({ dropped, secondPasses }: ProjectState): Cells {
  return [
    ...dropped.map(
      ({ table: name, run, objects }) =>
        `Dropped by run ${run} and not back yet: ${objects.map(visible).join(', ')} of ${visible(name)}`,
    ),
    ...secondPasses.map(
      ({ mapping, column, rows }) =>
        `Waiting for a second pass: ${counted(rows, 'row')} of ${visible(mapping)}, column ${visible(column)}`,
    ),
  ];
}
