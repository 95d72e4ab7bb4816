import type { DashboardRun } from '../../engine/contract/dashboard.js';
import { counted } from '../format.js';
import { place } from './dom.js';
import { partOfRun } from './outlook.js';
import { lookOf } from './words.js';

/** What was said last, so that only news is said. */
interface Said {
  readonly run: string;
  readonly status: string;
  readonly quarter: number;
  readonly failed: number;
}

let said: Said | null = null;

/** Tells those who listen of a run's end, its failures and its quarters; never each change of a figure. */
export function announce(run: DashboardRun): void {
  const part = partOfRun(run);
  const now: Said = {
    run: run.run.run,
    status: run.run.status,
    quarter: part === null ? 0 : Math.floor(part * 4),
    failed: run.mappings.filter(({ status }) => status === 'failed').length,
  };
  const before = said?.run === now.run ? said : null;
  said = now;
  if (before === null) return;
  if (now.status !== before.status) say(`Run ${now.run}: ${lookOf(now.status).word}`);
  else if (now.failed > before.failed) say(`${counted(now.failed, 'mapping')} failed`);
  else if (now.quarter > before.quarter) say(`${String(now.quarter * 25)} per cent`);
}

/** Says it to screen readers, once. */
export function say(text: string): void {
  place('announce').textContent = text;
}
