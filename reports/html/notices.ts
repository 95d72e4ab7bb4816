import type { MappingResult, RunResult } from '../../engine/contract/result.js';
import { figure, none, section, table } from './table.js';
import { html, type Html } from './template.js';

/** Rows that a named condition left out on purpose. */
export function skippedSection(result: RunResult): Html {
  const body = named(result, 'Condition', (mapping) => mapping.skippedBy, null, 'No row was skipped.');
  return section(
    'skipped',
    'Skipped rows',
    'Left out on purpose, by the conditions that the mappings name.',
    body,
  );
}

/** Rows that broke a rule of severity `warn`. */
export function warningsSection(result: RunResult): Html {
  const body = named(result, 'Rule', (mapping) => mapping.warnings, 'warn', 'No rule warned.');
  return section(
    'warnings',
    'Warnings',
    'Rows that are loaded although a rule of severity “warn” names them.',
    body,
  );
}

function named(
  result: RunResult,
  title: string,
  pick: (mapping: MappingResult) => Readonly<Record<string, number>>,
  tone: 'warn' | null,
  otherwise: string,
): Html {
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
  if (rows.length === 0) return none(otherwise);
  const columns = [{ title: 'Mapping' }, { title }, { title: 'Rows', number: true }] as const;
  return table(title, columns, [
    html`<tbody>
      ${rows}
    </tbody>`,
  ]);
}
