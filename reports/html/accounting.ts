import type { Accounting, MappingResult, MappingStatus, RunResult } from '../../engine/contract/result.js';
import { duration } from '../format.js';
import { totalsOf } from '../totals.js';
import { figure, section, table, type Column } from './table.js';
import { html, type Html } from './template.js';

const COLUMNS: readonly Column[] = [
  { title: 'Mapping' },
  { title: 'Status' },
  ...['Read', 'Inserted', 'Updated', 'Unchanged', 'Skipped', 'Rejected', 'Unexplained', 'Time'].map(
    (title) => ({ title, number: true }) as const,
  ),
];

const INTRO =
  'For each mapping: read = inserted + updated + unchanged + skipped + rejected. ' +
  'Rows of an independent count that this does not explain stand under “unexplained”.';

/** The accounting, mapping by mapping under its phase, with the totals. */
export function accountingSection(result: RunResult): Html {
  const totals = totalsOf(result);
  const foot = html`<tr>
    <th scope="row">Total</th>
    <td></td>
    ${counts(totals)}
    <td class="n">${duration(result.duration_ms)}</td>
  </tr>`;
  return section('accounting', 'Accounting', INTRO, table('Accounting', COLUMNS, groups(result), foot));
}

/** One `<tbody>` a run of mappings of one phase; without a heading where the project has no phases. */
function groups(result: RunResult): readonly Html[] {
  const phases = [...new Set(result.mappings.map((mapping) => mapping.phase))];
  return phases.map((phase) => {
    const rows = result.mappings.filter((mapping) => mapping.phase === phase).map(row);
    const head =
      phase === null
        ? null
        : html`<tr class="group">
            <th scope="rowgroup" colspan="${COLUMNS.length}">${phase}</th>
          </tr>`;
    return html`<tbody>
      ${head} ${rows}
    </tbody>`;
  });
}

function row(mapping: MappingResult): Html {
  return html`<tr>
    <th scope="row">
      ${mapping.mapping}<span class="sub">${mapping.sourceName} &rarr; ${mapping.targetTable}</span>
      ${mapping.readFrom === null ? null : html`<span class="sub">changed since ${mapping.readFrom}</span>`}
      ${mapping.deleted === null || mapping.deleted.deleted === 0 ? null : html`<span class="sub">${mapping.deleted.deleted} deleted: their source row is gone</span>`}
      ${mapping.reason === null ? null : html`<span class="sub bad">${mapping.reason}</span>`}
    </th>
    ${status(mapping.status)} ${counts(mapping)}
    <td class="n">${mapping.status === 'not_run' ? '' : duration(mapping.duration_ms)}</td>
  </tr>`;
}

const STATUS: Readonly<Record<MappingStatus, readonly [words: string, tone: string]>> = {
  succeeded: ['done', 'soft'],
  failed: ['failed', 'bad'],
  interrupted: ['interrupted', 'bad'],
  not_run: ['not run', 'warn'],
};

function status(value: MappingStatus): Html {
  const [words, tone] = STATUS[value];
  return html`<td class="status ${tone}">${words}</td>`;
}

function counts(row: Accounting): Html {
  return html`${figure(row.read)} ${figure(row.inserted)} ${figure(row.updated)} ${figure(row.unchanged)}
  ${figure(row.skipped)} ${figure(row.rejected, 'warn')} ${figure(row.unexplained, 'bad')}`;
}
