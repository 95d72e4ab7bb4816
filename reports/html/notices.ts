import type { MappingResult, RunResult } from '../../engine/contract/result.js';
import { figure, section, table } from './table.js';
import { html, type Html } from './template.js';

/** Rows that a named condition left out on purpose. */
export function skippedSection(result: RunResult): Html {
  const body = named(result, 'Condition', (mapping) => mapping.skippedBy, null);
  const intro = 'Left out on purpose, by the conditions that the mappings name.';
  return section('skipped', 'Skipped rows', body === null ? 'No row was skipped.' : intro, body);
}

/** Rows that broke a rule of severity `warn`. */
export function warningsSection(result: RunResult): Html {
  const body = named(result, 'Rule', (mapping) => mapping.warnings, 'warn');
  const intro = 'Rows that are loaded although a rule of severity “warn” names them.';
  return section('warnings', 'Warnings', body === null ? 'No rule warned.' : intro, body);
}

/** The rows by mapping and name, or null where there are none. */
function named(
  result: RunResult,
  title: string,
  pick: (mapping: MappingResult) => Readonly<Record<string, number>>,
  tone: 'warn' | null,
): Html | null {
  const rows = result.mappings.flatMap((mapping) =>
    Object.entries(pick(mapping)).map(
      ([name, rows]) =>
        html`<tr>
          <th scope="row">${mapping.mapping}</th>
          <td>${name}</td>
          ${figure(rows, tone)}
        </tr>`,
    ),
  );
  if (rows.length === 0) return null;
  const columns = [{ title: 'Mapping' }, { title }, { title: 'Rows', number: true }] as const;
  return table(title, columns, [
    html`<tbody>
      ${rows}
    </tbody>`,
  ]);
}
