import { placeOf, type Cause } from '../causes.js';
import { isSame, type Difference, type Figures } from '../difference.js';
import { count, counted, duration, moment } from '../format.js';
import type { Report } from '../report.js';
import { section, table, type Column } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS: readonly Column[] = [
  { title: 'Mapping' },
  ...['Read', 'In the target', 'Skipped', 'Rejected', 'Time'].map(
    (title) => ({ title, number: true }) as const,
  ),
];

/** What this run brought that the one before did not: counts by mapping, causes of rejects that came and went. */
export function differenceSection({ difference }: Report): Html {
  const title = 'Difference to the run before';
  if (difference === null)
    return section('difference', title, 'There is no run before it to compare with.', null);
  const { run, startedAt, status } = difference.before;
  const which = `Compared with run ${run} of ${moment(startedAt)} (${status})`;
  if (isSame(difference))
    return section('difference', title, `${which}: the same rows, the same rejects.`, null);
  const rows = difference.mappings.map(
    ({ mapping, before, now }) =>
      html`<tr>
        <th scope="row">
          ${mapping}${now === null ? html`<span class="sub">not in this run</span>` : null}${before === null ? html`<span class="sub">not in the run before</span>` : null}
        </th>
        ${FIGURES.map((name) => change(before, now, name))}
        <td class="n">
          ${now === null ? '' : duration(now.duration_ms)}${before === null ? null : html`<span class="sub">${duration(before.duration_ms)}</span>`}
        </td>
      </tr>`,
  );
  const body = html`${table(title, COLUMNS, [
    html`<tbody>
      ${rows}
    </tbody>`,
  ])}
  ${causes(difference)}`;
  return section('difference', title, `${which}; its figures stand below those of this run.`, body);
}

const FIGURES = ['read', 'loaded', 'skipped', 'rejected'] as const;

/** This run's figure, and how far it is from the one before. */
function change(before: Figures | null, now: Figures | null, name: (typeof FIGURES)[number]): Html {
  const by = (now?.[name] ?? 0) - (before?.[name] ?? 0);
  if (now === null || before === null || by === 0) {
    const value = (now ?? before)?.[name] ?? 0;
    return html`<td class="n ${value === 0 || now === null ? 'zero' : ''}">${count(value)}</td>`;
  }
  const tone = name === 'rejected' ? (by > 0 ? 'bad' : 'good') : '';
  return html`<td class="n ${tone}">
    ${count(now[name])}<span class="sub ${tone}">${by > 0 ? '+' : '−'}${count(Math.abs(by))}</span>
  </td>`;
}

function causes({ appeared, vanished, changed }: Difference): Html | null {
  if (appeared.length + vanished.length + changed.length === 0)
    return html`<p class="note">Rows are rejected for the same causes as before.</p>`;
  const line = (cause: Cause, words: string, tone: string): Html =>
    html`<li><strong class="${tone}">${words}</strong> ${placeOf(cause)}, ${cause.rule}</li>`;
  return html`<h3 class="note">Causes of rejects</h3>
    <ul class="changes">
      ${appeared.map((cause) => line(cause, `new: ${counted(cause.count, 'row')}`, 'bad'))}
      ${changed.map(({ cause, before }) =>
        line(
          cause,
          `${count(before)} → ${counted(cause.count, 'row')}`,
          cause.count > before ? 'bad' : 'good',
        ),
      )}
      ${vanished.map((cause) => line(cause, `gone: ${counted(cause.count, 'row')}`, 'good'))}
    </ul>`;
}
