import type { EndPoint, RunResult } from '../../engine/contract/result.js';
import { count, counted, duration, moment, share } from '../format.js';
import type { Report } from '../report.js';
import { modesOf } from '../mode.js';
import { totalsOf, type Totals } from '../totals.js';
import type { Verdict } from '../verdict.js';
import { html, withCode, type Html } from './template.js';

/** The class that gives the page the verdict's colour. */
function toneOf(verdict: Verdict): 'go' | 'exceptions' | 'no-go' {
  if (verdict.name === 'GO') return 'go';
  return verdict.name === 'NO-GO' ? 'no-go' : 'exceptions';
}

/** The block that has to be understood in ten seconds: verdict, one sentence, reasons, six figures, what to do. */
export function cover({ result, verdict, gaps, next }: Report): Html {
  const { source, target } = result.provenance;
  const totals = totalsOf(result);
  return html`<header class="cover ${toneOf(verdict)}">
      <p class="what">
        Migration report &middot; <strong>${result.project}</strong> &middot; ${moment(result.startedAt)}
      </p>
      ${modesOf(result).map(({ name, meaning }) => html`<p class="mode"><strong>${name}</strong> ${meaning}</p>`)}
      <h1>${verdict.name}</h1>
      <p class="sentence">${sentence(result, totals)}</p>
      ${gaps.map((gap) => html`<p class="mode"><strong>Incomplete</strong> ${gap}</p>`)} ${reasons(verdict)}
      <p class="what route">${shown(source)} &rarr; ${shown(target)}</p>
    </header>
    <dl class="figures">
      ${figures(result, totals).map(
        ([label, value, tone]) =>
          html`<div>
            <dt>${label}</dt>
            <dd class="${tone}">${value}</dd>
          </div>`,
      )}
    </dl>
    ${
      next.length === 0
        ? null
        : html`<section class="next" aria-label="What to do next">
            <h2>What to do next</h2>
            <ol>
              ${next.map((step) => html`<li>${withCode(step)}</li>`)}
            </ol>
          </section>`
    }`;
}

function sentence({ dryRun }: RunResult, totals: Totals): string {
  if (totals.read === 0) return 'No row was read from the source.';
  const parts = [
    `${counted(totals.read, 'row was', 'rows were')} read from the source`,
    `${count(totals.loaded)} ${dryRun ? 'would be' : 'are'} in the target`,
    ...(totals.skipped > 0 ? [`${count(totals.skipped)} were skipped by named rules`] : []),
    totals.rejected > 0 ? `${count(totals.rejected)} were rejected` : 'none was rejected',
  ];
  const close =
    totals.unexplained === 0
      ? 'Every row is accounted for.'
      : `${count(totals.unexplained)} are unexplained.`;
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}. ${close}`;
}

function reasons({ reasons: open, accepted }: Verdict): Html | null {
  if (open.length + accepted.length === 0) return null;
  return html`<ul class="reasons">
    ${open.map((reason) => html`<li>${reason}</li>`)}
    ${accepted.map((words) => html`<li class="agreed">${words}</li>`)}
  </ul>`;
}

type Figure = readonly [label: string, value: string, tone: '' | 'good' | 'warn' | 'bad'];

function figures(result: RunResult, totals: Totals): readonly Figure[] {
  const { mappings } = result;
  const done = mappings.filter((mapping) => mapping.status === 'succeeded').length;
  const checks = mappings.flatMap((mapping) => mapping.checks);
  const passed = checks.filter((check) => check.status === 'passed').length;
  const failed = checks.some((check) => check.status === 'failed');
  const rate = share(totals.rejected, totals.read);
  return [
    ['mappings done', `${count(done)} / ${count(mappings.length)}`, done < mappings.length ? 'bad' : ''],
    [result.dryRun ? 'rows loaded and taken back' : 'rows in the target', count(totals.loaded), ''],
    [
      totals.rejected === 0 ? 'rejected' : `rejected (${rate})`,
      count(totals.rejected),
      totals.rejected > 0 ? 'warn' : '',
    ],
    ['unexplained', count(totals.unexplained), totals.unexplained === 0 ? '' : 'bad'],
    [
      'checks passed',
      `${count(passed)} / ${count(checks.length)}`,
      failed ? 'bad' : passed < checks.length ? 'warn' : '',
    ],
    ['elapsed', duration(result.duration_ms), ''],
  ];
}

function shown(point: EndPoint): Html {
  return html`<code>${point.database}</code> on ${point.host}`;
}
