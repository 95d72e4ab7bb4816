import { PLACES, totalSpent, type Place } from '../../engine/contract/spent.js';
import type { MappingResult } from '../../engine/contract/result.js';
import { bytes, duration, share } from '../format.js';
import type { Report } from '../report.js';
import { table } from './table.js';
import { html, type Html } from './template.js';

const TITLES: Readonly<Record<Place, string>> = {
  source: 'Source',
  program: 'Rows',
  resolution: 'Keys',
  target: 'Target',
  constraints: 'Constraints',
  after: 'After',
  other: 'Other',
};

/** Where the time of each mapping went, and what would help; null where nothing was measured. */
export function spentTable({ result, bottleneck }: Report): Html | null {
  const rows = result.mappings.flatMap((mapping) => spentRow(mapping, bottleneck.mappings));
  if (rows.length === 0) return null;
  const { memory } = result;
  const peak = memory === null ? '' : ` The process took ${bytes(memory)} of memory at the most.`;
  const said = bottleneck.run === null ? '' : ` Of all mappings together: ${bottleneck.run}.`;
  return html`<h3>Where the time went</h3>
    <p class="intro">
      Each moment of a mapping is in one place: waiting for the source’s bytes, making rows, finding keys,
      waiting for the target, dropping and building constraints, what comes after the rows, and what is not
      told apart.${said}${peak}
    </p>
    ${table(
      'Where the time went',
      [
        { title: 'Mapping' },
        { title: 'Time', number: true },
        ...PLACES.map((place) => ({ title: TITLES[place], number: true as const })),
        { title: 'What takes longest' },
      ],
      [
        html`<tbody>
          ${rows}
        </tbody>`,
      ],
    )}`;
}

function spentRow({ mapping, spent }: MappingResult, said: ReadonlyMap<string, string>): readonly Html[] {
  if (spent === null) return [];
  const total = totalSpent(spent);
  return [
    html`<tr>
      <th scope="row">${mapping}</th>
      <td class="n">${duration(total * 1000)}</td>
      ${PLACES.map(
        (place) =>
          html`<td class="${spent[place] === 0 ? 'n zero' : 'n'}">${share(spent[place], total)}</td>`,
      )}
      <td>${said.get(mapping) ?? ''}</td>
    </tr>`,
  ];
}
