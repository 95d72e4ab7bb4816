import type { DashboardCounts, DashboardSpent, DashboardStep } from '../../engine/contract/dashboard.js';
import { count, duration } from '../format.js';
import { h } from './dom.js';

/** How a state is shown: a sign, a word and a tone (a class), so that it is never told by colour alone. */
export interface Look {
  readonly mark: string;
  readonly word: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'busy' | 'idle';
}

export const LOOKS: Readonly<Record<string, Look>> = {
  running: { mark: '▶', word: 'running', tone: 'busy' },
  waiting: { mark: '○', word: 'waiting', tone: 'idle' },
  succeeded: { mark: '✓', word: 'succeeded', tone: 'good' },
  failed: { mark: '✗', word: 'failed', tone: 'bad' },
  interrupted: { mark: '!', word: 'interrupted', tone: 'bad' },
  cut_off: { mark: '!', word: 'cut off', tone: 'bad' },
  not_run: { mark: '–', word: 'not run', tone: 'idle' },
  rolled_back: { mark: '↶', word: 'rolled back', tone: 'warn' },
};

/** Of a status that state knows and this page does not, its own word. */
export const lookOf = (status: string): Look =>
  LOOKS[status] ?? { mark: '·', word: status.replaceAll('_', ' '), tone: 'idle' };

/** Of a check's status. */
export function checkLook(status: string): Look {
  if (status === 'passed') return { mark: '✓', word: status, tone: 'good' };
  if (status === 'failed') return { mark: '✗', word: status, tone: 'bad' };
  return { mark: '–', word: status.replaceAll('_', ' '), tone: 'idle' };
}

/** Of GO, GO WITH EXCEPTIONS and NO-GO. */
export function verdictTone(verdict: string): Look['tone'] {
  if (verdict === 'GO') return 'good';
  return verdict === 'NO-GO' ? 'bad' : 'warn';
}

/** Sign and word of a status. */
export const badge = ({ mark, word, tone }: Look): HTMLElement =>
  h(`span.badge.${tone}`, null, h('span.sign', { 'aria-hidden': 'true' }, mark), ` ${word}`);

/** Names of the places in which time is spent, in the order of a row's way. */
export const PLACES: readonly (readonly [place: keyof DashboardSpent, name: string])[] = [
  ['source', 'waiting for the source'],
  ['program', 'making rows'],
  ['resolution', 'fetching keys'],
  ['target', 'waiting for the target'],
  ['constraints', 'constraints and indexes'],
  ['after', 'second passes, counts, checks'],
  ['other', 'other'],
];

/** Seconds as `4.2s`; nothing where unknown. */
export const spell = (seconds: number | null): string => (seconds === null ? '' : duration(seconds * 1000));

/** Seconds as one would say them of what is still to come: `29s`, `4m 10s`; nothing where unknown. */
export const about = (seconds: number | null): string =>
  seconds === null ? '' : duration(Math.max(1, Math.round(seconds)) * 1000).replace('.0s', 's');

/** `1,234/s`; nothing where unknown. */
export const rate = (rows: number | null): string => (rows === null ? '' : `${count(Math.round(rows))}/s`);

/** Fates of rows in the order of the accounting. */
export const FATES = ['inserted', 'updated', 'unchanged', 'skipped', 'rejected'] as const;

/** Rows that were read and of which nothing is said; 0 in every sound accounting. */
export const unexplained = (counts: DashboardCounts): number =>
  FATES.reduce((left, fate) => left - counts[fate], counts.read);

export const hasEnded = ({ status }: Pick<DashboardStep, 'status'>): boolean =>
  status !== 'running' && status !== 'waiting';

/** A time as `2026-11-22 09:30:00` (UTC), the reader's own clock in its tooltip. */
export function when(iso: string | null, part: 'all' | 'clock' = 'all'): HTMLElement | null {
  if (iso === null) return null;
  const date = new Date(iso);
  const text = Number.isNaN(date.getTime()) ? iso : date.toISOString().slice(0, 19).replace('T', ' ');
  return h('time', { datetime: iso, title: date.toString() }, part === 'clock' ? text.slice(11) : text);
}
