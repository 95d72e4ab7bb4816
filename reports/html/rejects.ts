import type { RunResult } from '../../engine/contract/result.js';
import { adviceOn } from '../advice.js';
import { count, counted } from '../format.js';
import { causesOf, placeOf, type Cause } from '../totals.js';
import { section, table } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS = [{ title: 'Source key' }, { title: 'Value' }, { title: 'Reason' }] as const;

/** Rejected rows by cause, the largest first: how many, which line decided it, what to do, some samples. */
export function rejectsSection(result: RunResult): Html {
  const causes = causesOf(result);
  if (causes.length === 0) return section('rejects', 'Rejected rows', 'No row was rejected.', null);
  const intro =
    'Rows that were not loaded, by cause, with up to five samples each. Sensitive values are masked.';
  return section('rejects', 'Rejected rows', intro, html`${causes.map(causeBlock)}`);
}

function causeBlock(cause: Cause): Html {
  const samples = cause.samples.map(
    (sample) =>
      html`<tr>
        <td class="exact"><code>${sample.key}</code></td>
        <td class="exact">
          ${sample.value === null ? html`<span class="zero">null</span>` : html`<code>${sample.value}</code>`}
        </td>
        <td class="words">${sample.reason}</td>
      </tr>`,
  );
  return html`<article class="cause">
    <header>
      <div class="head">
        <h3>${placeOf(cause)}</h3>
        <span><strong class="warn">${counted(cause.count, 'row')}</strong></span>
        <span class="soft">
          ${cause.rule}${cause.sqlstate === null ? null : html`, SQLSTATE ${cause.sqlstate}`}
        </span>
        <code class="soft">${cause.file}:${String(cause.line)}</code>
      </div>
      <p class="advice">${withCode(adviceOn(cause))}</p>
    </header>
    ${
      samples.length === 0
        ? null
        : table(`Samples of ${placeOf(cause)}, ${count(cause.samples.length)}`, COLUMNS, [
            html`<tbody>
              ${samples}
            </tbody>`,
          ])
    }
  </article>`;
}

/** Text in backticks becomes code. */
function withCode(text: string): Html {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
  return html`${parts}`;
}
