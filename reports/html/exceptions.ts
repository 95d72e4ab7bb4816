import { subjectOf, type JudgedException } from '../exceptions.js';
import { count } from '../format.js';
import type { Report } from '../report.js';
import { link } from './link.js';
import { section, table, type Column } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS: readonly Column[] = [
  { title: 'Exception' },
  { title: 'Now' },
  { title: 'Rows', number: true },
  { title: 'Up to', number: true },
  { title: 'Why' },
  { title: 'Who' },
  { title: 'Until' },
];

const STATES: Readonly<Record<JudgedException['state'], readonly [words: string, tone: string]>> = {
  accepted: ['accepted', 'good'],
  expired: ['expired', 'bad'],
  exceeded: ['more than agreed', 'bad'],
  unused: ['not needed', 'soft'],
};

/** What was agreed to in exceptions.yaml, and what it comes to; what does not hold first. */
export function exceptionsSection({ judgement, today, base }: Report): Html {
  const order: readonly JudgedException['state'][] = ['expired', 'exceeded', 'accepted', 'unused'];
  const sorted = [...judgement.exceptions].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  if (sorted.length === 0) {
    const none = 'None: exceptions.yaml of the project says what is accepted, by whom and until when.';
    return section('exceptions', 'Accepted exceptions', none, null);
  }
  const rows = sorted.map(({ exception, state, count: found }) => {
    const [words, tone] = STATES[state];
    return html`<tr>
      <th scope="row" class="words">
        ${subjectOf(exception)} <span class="sub">${link(exception.at, base)}</span>
      </th>
      <td class="status ${tone}">${words}</td>
      <td class="n">${count(found)}</td>
      <td class="n">
        ${exception.upTo === null ? html`<span class="zero">any</span>` : count(exception.upTo)}
      </td>
      <td class="words">${exception.why}</td>
      <td>${exception.who}</td>
      <td class="status">${exception.until}</td>
    </tr>`;
  });
  const intro = `What somebody has agreed to, as of ${today}. What has expired, or is more than was agreed, counts again.`;
  const body = table('Accepted exceptions', COLUMNS, [
    html`<tbody>
      ${rows}
    </tbody>`,
  ]);
  return section('exceptions', 'Accepted exceptions', intro, body);
}
