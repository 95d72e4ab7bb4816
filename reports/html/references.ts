import type { RunResult } from '../../engine/contract/result.js';
import { counted } from '../format.js';
import { figure, section, table, type Column } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS: readonly Column[] = [
  { title: 'Column' },
  { title: 'Refers to' },
  ...['Resolved', 'Null', 'Defaulted', 'Missing'].map((title) => ({ title, number: true }) as const),
];

/** Every reference with its four counts, and what second passes completed. */
export function referencesSection(result: RunResult): Html {
  const rows = result.mappings.flatMap((mapping) =>
    mapping.references.map(
      (reference) =>
        html`<tr>
          <th scope="row">${mapping.mapping}.${reference.column}</th>
          <td>${reference.mapping}</td>
          ${figure(reference.resolved)} ${figure(reference.null)} ${figure(reference.defaulted)}
          ${figure(reference.missing, 'warn')}
        </tr>`,
    ),
  );
  const second = result.mappings.filter((mapping) => mapping.secondPass > 0);
  const list = second
    .map((mapping) => `${mapping.mapping} (${counted(mapping.secondPass, 'row')})`)
    .join(', ');
  if (rows.length === 0) return section('references', 'References', 'No mapping refers to another.', null);
  const body = html`${table('References', COLUMNS, [
    html`<tbody>
      ${rows}
    </tbody>`,
  ])}
  ${second.length === 0 ? null : html`<p class="note">Completed in a second pass: ${list}.</p>`}`;
  const intro =
    'How the keys that lead from one table to another came over. “Missing” keys lead to no migrated row.';
  return section('references', 'References', intro, body);
}
