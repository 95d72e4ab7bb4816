import type { RunResult } from '../../engine/contract/result.js';
import { section, table } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS = [
  { title: 'Mapping' },
  { title: 'Not used, of the source' },
  { title: 'Left to the default, of the target' },
] as const;

/** Columns that no mapping line speaks of, on either side. */
export function columnsSection(result: RunResult): Html {
  const rows = result.mappings
    .filter((mapping) => mapping.unmapped.length > 0 || mapping.defaulted.length > 0)
    .map(
      (mapping) =>
        html`<tr>
          <th scope="row">${mapping.mapping}</th>
          <td class="words">${list(mapping.unmapped)}</td>
          <td class="words">${list(mapping.defaulted)}</td>
        </tr>`,
    );
  if (rows.length === 0) return section('columns', 'Columns', 'Every column of both sides is mapped.', null);
  const intro = 'Source columns that are not carried over, and target columns that the database fills.';
  return section(
    'columns',
    'Columns',
    intro,
    table('Columns', COLUMNS, [
      html`<tbody>
        ${rows}
      </tbody>`,
    ]),
  );
}

function list(names: readonly string[]): Html {
  return html`${names.map((name, index) => html`${index === 0 ? '' : ', '}<code>${name}</code>`)}`;
}
