import { checkNote } from '../check-note.js';
import type { CheckResult, RunResult } from '../../engine/contract/result.js';
import { decimal } from '../format.js';
import { section, table } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS = [
  { title: 'Mapping' },
  { title: 'Check' },
  { title: 'Result' },
  { title: 'Source', number: true },
  { title: 'Target', number: true },
  { title: 'Note' },
] as const;

const TONE = { failed: 'bad', warned: 'warn', passed: 'good' } as const;
const GRAVITY = { failed: 0, warned: 1, passed: 2 } as const;

/** Every check with both sides' values; failed ones first, then those that warned. */
export function checksSection(result: RunResult): Html {
  const rows = result.mappings
    .flatMap((mapping) => mapping.checks.map((check) => ({ mapping: mapping.mapping, check })))
    .sort((left, right) => GRAVITY[left.check.status] - GRAVITY[right.check.status])
    .map(
      ({ mapping, check }) =>
        html`<tr>
          <th scope="row">${mapping}</th>
          <td>${check.check}</td>
          <td class="${TONE[check.status]}">${check.status}</td>
          <td class="n value">${value(check, check.source)}</td>
          <td class="n value">${value(check, check.target)}</td>
          <td class="words soft">${checkNote(check)}</td>
        </tr>`,
    );
  if (rows.length === 0) return section('checks', 'Checks', 'No check was made.', null);
  const intro = 'Counted on both sides after loading; numbers are exact decimals.';
  return section(
    'checks',
    'Checks',
    intro,
    table('Checks', COLUMNS, [
      html`<tbody>
        ${rows}
      </tbody>`,
    ]),
  );
}

/** Sums and counts are grouped; the bounds of `min_max` may be years or codes and stay as they are. */
function value(check: CheckResult, text: string): string {
  return check.check.startsWith('min_max') ? text : decimal(text);
}
