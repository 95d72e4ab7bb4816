import type { DashboardRun, DashboardSpent, DashboardStep } from '../../engine/contract/dashboard.js';
import { share } from '../format.js';
import { h, s, type Child } from './dom.js';
import { took } from './outlook.js';
import { stack } from './parts.js';
import { mappingLink } from './route.js';
import { lookOf, PLACES, spell } from './words.js';

/** Where the time goes: the sentence, a bar, and its parts in figures. */
export function timeSpent(spent: DashboardSpent | null, bottleneck: string | null): readonly Child[] {
  const sentence = bottleneck === null ? null : h('p.bottleneck', null, bottleneck);
  if (spent === null) return [sentence];
  const whole = PLACES.reduce((sum, [place]) => sum + spent[place], 0);
  const parts = PLACES.filter(([place]) => spent[place] > 0);
  if (whole === 0) return [sentence];
  return [
    sentence,
    h(
      'div.spent',
      null,
      stack(
        parts.map(([place]) => [place, spent[place]]),
        whole,
      ),
      h(
        'dl',
        null,
        parts.map(([place, name]) =>
          h(
            `div.figure.${place}`,
            null,
            h('dt', null, h('span.key', { 'aria-hidden': 'true' }), name),
            h('dd', null, spell(spent[place]), h('small', null, share(spent[place], whole))),
          ),
        ),
      ),
    ),
  ];
}

/** The chain that decides when the run ends, or has decided it. */
export function criticalPath({ critical_path: path, run, alive }: DashboardRun): Child {
  if (path.length === 0) return null;
  return h(
    'p.path',
    null,
    h('span.mark', { 'aria-hidden': 'true' }, '◆ '),
    alive ? 'Critical path, which its end hangs on: ' : 'Critical path, which its length hung on: ',
    path.map((mapping, n) => [
      n === 0 ? null : h('span.soft', null, ' → '),
      h('a', { href: mappingLink(run.run, mapping) }, mapping),
    ]),
  );
}

/** When each mapping ran, as bars on one axis from the run's start (or last resume) till now or its end. */
export function timeline({ mappings, run, at, critical_path }: DashboardRun): Child {
  const ran = mappings.filter(({ started_at }) => started_at !== null);
  if (ran.length === 0) return null;
  // A resume does all of it anew: what came before is nobody's bar.
  const starts = ran.map(({ started_at }) => Date.parse(started_at ?? ''));
  const begin = run.resumes > 0 ? Math.min(...starts) : Date.parse(run.started_at);
  const ends = ran.map((step) => endOf(step, at));
  const end = Math.max(
    begin + 1,
    ...ends,
    run.finished_at === null ? Date.parse(at) : Date.parse(run.finished_at),
  );
  const critical = new Set(critical_path);
  return h(
    'div.timeline',
    { role: 'region', 'aria-label': 'When each mapping ran' },
    h(
      'div.lane.axis',
      { 'aria-hidden': 'true' },
      h('span', null, ''),
      h(
        'div',
        null,
        [0, 0.25, 0.5, 0.75].map((part) =>
          h('span', null, part === 0 ? '0' : spell(((end - begin) * part) / 1000)),
        ),
      ),
    ),
    h(
      'ol',
      null,
      ran.map((step, n) =>
        lane(
          step,
          run.run,
          [Date.parse(step.started_at ?? '') - begin, (ends[n] ?? end) - begin],
          end - begin,
          critical.has(step.mapping),
        ),
      ),
      closing(run.status === 'running' ? 0 : end - Math.max(...ends), end - begin),
    ),
  );
}

/** Part of a run's time from which what comes behind its mappings has a bar. */
const CLOSING = 0.02;

/** What a run does when its mappings are done. */
function closing(ms: number, whole: number): Child {
  if (ms < whole * CLOSING) return null;
  const per = (part: number): string => `${(part * 100).toFixed(2)}%`;
  return h(
    'li.lane',
    { 'data-key': 'closing' },
    h('span.name.soft', null, 'checks, end'),
    s(
      'svg',
      { role: 'img', 'aria-label': `${spell(ms / 1000)} behind the mappings`, height: 18 },
      s('rect.idle', { x: per(1 - ms / whole), y: 5, width: per(ms / whole), height: 8, rx: 2 }),
    ),
  );
}

function endOf(step: DashboardStep, at: string): number {
  const seconds = took(step);
  if (seconds !== null) return Date.parse(step.started_at ?? '') + seconds * 1000;
  return Date.parse(step.status === 'running' ? at : (step.updated_at ?? at));
}

function lane(step: DashboardStep, run: string, [from, to]: readonly [number, number], whole: number, isCritical: boolean): HTMLElement {
  const per = (ms: number): string => `${Math.max(0, Math.min(100, (ms / whole) * 100)).toFixed(2)}%`;
  const words = `from ${spell(from / 1000)} to ${spell(to / 1000)}${step.status === 'running' ? ', running' : ''}`;
  return h(
    'li.lane',
    { 'data-key': step.mapping },
    h('span.name', null, h('a', { href: mappingLink(run, step.mapping) }, step.mapping), isCritical ? h('span.mark', { 'aria-hidden': 'true' }, ' ◆') : null),
    s(
      'svg',
      { role: 'img', 'aria-label': words, height: 18 },
      [0, 25, 50, 75, 100].map((x) => s('line', { x1: `${String(x)}%`, x2: `${String(x)}%`, y1: 0, y2: 18 })),
      s(`rect.${lookOf(step.status).tone}${isCritical ? '.critical' : ''}`, {
        x: per(from), y: isCritical ? 3 : 5, width: per(Math.max(to - from, whole * 0.003)), height: isCritical ? 12 : 8, rx: 2,
      }),
    ),
  );
} // prettier-ignore
