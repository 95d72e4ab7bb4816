import type { Place, Spent, StepSettings } from '../../engine/contract/spent.js';
import { count, counted, duration, names } from '../format.js';

/** An earlier load of the mapping, whole, with its constraints in the other way. */
export interface EarlierLoad {
  readonly run: string;
  readonly mode: 'keep' | 'rebuild';
  /** Rows inserted and updated. */
  readonly written: number;
  /** In the target and in constraints. */
  readonly seconds: number;
}

/** What is known of a mapping's time; as results and state have it. */
export interface StepTime {
  readonly mapping: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  /** Committed. */
  readonly batches: number;
  readonly retries: number;
  readonly spent: Spent | null;
  readonly settings: StepSettings | null;
  readonly earlier?: EarlierLoad | null;
}

/** Before the share. */
export const PLACE_WORDS: Readonly<Record<Place, string>> = {
  source: 'waiting for the source takes',
  program: 'making rows takes',
  resolution: 'finding keys takes',
  target: 'waiting for the target takes',
  constraints: 'dropping and building constraints and indexes takes',
  after: 'second passes, counts and checks take',
  other: 'what is not told apart takes',
};

/** Rows of a batch below which the way there and back weighs. */
const FEW_ROWS = 2000;

/** What the place's share comes from and what would help, beginning with `: `; empty where nothing is known. */
export function whyOf(place: Place, step: StepTime, spent: Spent): string {
  const words = WHY[place](step, spent).filter((part) => part !== '');
  return words.length === 0 ? '' : `: ${words.join('; ')}`;
}

type Why = (step: StepTime, spent: Spent) => readonly string[];

const WHY: Readonly<Record<Place, Why>> = {
  source: ({ settings }) => [settings === null ? '' : oneRange(settings, 'it is read by one reader')],
  program: ({ read }, { program }) => [
    read === 0 ? '' : `${micros(program / read)} a row, on one processor`,
    'fewer or cheaper steps would help, more ranges would not',
  ],
  resolution: ({ settings }) => [asked(settings)],
  target: (step, spent) => [...kept(step, spent), smallBatches(step), ranges(step)],
  constraints: (step, spent) => [
    step.settings === null || step.settings.constraints.dropped.length === 0
      ? ''
      : `${names(step.settings.constraints.dropped, 3)} ${isAre(step.settings.constraints.dropped)} built behind the rows`,
    ...saving(step, spent),
    'a larger maintenance_work_mem of the target’s role helps',
  ],
  after: () => [],
  other: ({ retries }) =>
    retries === 0 ? ['connecting and hooks'] : [`pauses before ${counted(retries, 'retry', 'retries')}`],
};

const micros = (seconds: number): string => `${(seconds * 1e6).toFixed(1)} µs`;

const isAre = (list: readonly string[]): string => (list.length === 1 ? 'is' : 'are');

function oneRange({ ranges: { count: n, reason } }: StepSettings, one: string): string {
  if (n > 1) return `${count(n)} ranges are read side by side already`;
  return reason === '' ? one : `${one} (${reason})`;
}

function ranges({ settings }: StepTime): string {
  return settings === null || settings.ranges.count > 1 || settings.constraints.kept.length > 1
    ? ''
    : oneRange(settings, 'one range writes');
}

function asked(settings: StepSettings | null): string {
  const found = (settings?.keys ?? []).filter(({ kind }) => kind === 'batched');
  const [first] = found;
  if (first === undefined) return '';
  const of = names([...new Set(found.map(({ mapping }) => mapping))], 3);
  return `keys of ${of} are asked of the target, not kept in memory (${first.reason})`;
}

function kept(step: StepTime, spent: Spent): readonly string[] {
  const { settings } = step;
  if (settings === null) return [];
  const { mode, kept: stay, reason, asked: said } = settings.constraints;
  const [first] = stay;
  // A primary key alone stays in any case.
  if (first === undefined || stay.length < 2) return [];
  const rest = stay.length - 1;
  const what = `${first} and ${count(rest)} more are kept while rows load${reason === null ? '' : ` (${reason})`}`;
  const gain = saving(step, spent);
  const advice =
    mode === 'keep' && said === 'keep' ? ['constraints: rebuild would build them behind the rows'] : [];
  return [what, ...(gain.length > 0 ? gain : advice)];
}

/** What the other way of constraints would save, as an earlier run has shown; nothing where none has. */
function saving({ earlier, inserted, updated, settings }: StepTime, spent: Spent): readonly string[] {
  if (earlier === null || earlier === undefined || earlier.written === 0 || settings === null) return [];
  if (earlier.mode === settings.constraints.mode) return [];
  const saved = spent.target + spent.constraints - (earlier.seconds / earlier.written) * (inserted + updated);
  if (saved < 1) return [];
  const rate = duration((earlier.seconds / earlier.written) * 1e9);
  return [
    `constraints: ${earlier.mode} would save about ${duration(saved * 1000)}, by run ${earlier.run}, which took ${rate} a million rows for both`,
  ];
}

function smallBatches({ read, batches, settings }: StepTime): string {
  if (settings === null || batches < 10) return '';
  const rows = Math.round(read / batches);
  if (rows >= FEW_ROWS || settings.batch_rows >= FEW_ROWS) return '';
  return `batches of ${counted(rows, 'row')} are small (batch_rows: ${String(settings.batch_rows)})`;
}
