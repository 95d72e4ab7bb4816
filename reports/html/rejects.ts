import { adviceOn } from '../advice.js';
import { count, counted } from '../format.js';
import { placeOf, type Cause } from '../causes.js';
import { isAccepted } from '../exceptions.js';
import type { Report } from '../report.js';
import { link } from './link.js';
import { section, table } from './table.js';
import { html, withCode, type Html } from './template.js';

const COLUMNS = [{ title: 'Source keys' }, { title: 'Value' }, { title: 'Reason' }] as const;

/** Rejected rows by cause, the largest first: how many, which line decided it, what to do, some samples. */
export function rejectsSection({ causes, base, judgement }: Report): Html {
  if (causes.length === 0) return section('rejects', 'Rejected rows', 'No row was rejected.', null);
  const intro =
    'Rows that were not loaded, by cause, with up to five samples each. Sensitive values are masked.';
  return section(
    'rejects',
    'Rejected rows',
    intro,
    html`${causes.map((cause) => causeBlock(cause, base, isAccepted(judgement, cause)))}`,
  );
}

function causeBlock(cause: Cause, base: string | null, accepted: boolean): Html {
  const samples = alike(cause.samples).map(
    ({ keys, value, reason }) =>
      html`<tr>
        <td class="exact">${keys.map((key, n) => html`${n === 0 ? '' : ', '}<code>${key}</code>`)}</td>
        <td class="exact">
          ${value === null ? html`<span class="zero">null</span>` : html`<code>${value}</code>`}
        </td>
        <td class="words">${reason}</td>
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
        <span class="soft">${link(cause, base)}</span>
        ${accepted ? html`<span class="good">✓ accepted</span>` : null}
      </div>
      <p class="advice">${withCode(adviceOn(cause))}</p>
      ${chain(cause)}
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

/** First causes that are named of one cause. */
const FIRSTS = 4;

/** Rows that a cause takes along, and rows of it that another one has taken along. */
function chain({ takes, follows, count: rows }: Cause): Html | null {
  if (takes + follows.length === 0) return null;
  const following = follows.reduce((total, each) => total + each.count, 0);
  const firsts = follows
    .slice(0, FIRSTS)
    .map(({ because, count: some }) => `${because} (${count(some)})`)
    .concat(follows.length > FIRSTS ? [`${count(follows.length - FIRSTS)} more`] : [])
    .join('; ');
  return html`<p class="soft">
    ${takes === 0 ? null : `${counted(takes, 'more row')} had to go with them, since they refer to these. `}
    ${follows.length === 0 ? null : `${following === rows ? 'All' : count(following)} of them only because a row that they refer to was rejected: ${firsts}.`}
  </p>`;
}

interface Alike extends Omit<Cause['samples'][number], 'key'> {
  readonly keys: readonly string[];
}

/** Samples of one value and reason on one line. */
function alike(samples: Cause['samples']): readonly Alike[] {
  const lines = new Map<string, Alike>();
  for (const { key, value, reason } of samples) {
    const id = JSON.stringify([value, reason]);
    lines.set(id, { value, reason, keys: [...(lines.get(id)?.keys ?? []), key] });
  }
  return [...lines.values()];
}
