import type { MappingResult } from '../../engine/contract/result.js';
import { duration } from '../format.js';
import type { Report } from '../report.js';
import { spentTable } from './spent.js';
import { section } from './table.js';
import { html, type Html } from './template.js';

/**
 * When each mapping ran, and where its time went. Names and times are table cells, each bar an SVG of its own measured in per cent:
 * so the text keeps its size on a telephone and on paper.
 */
export function timelineSection(report: Report): Html {
  const { result, criticalPath } = report;
  const ran = result.mappings.filter((mapping) => mapping.status !== 'not_run');
  const end = Math.max(
    1,
    result.duration_ms,
    ...ran.map((mapping) => mapping.startedAfterMs + mapping.duration_ms),
  );
  if (ran.length === 0) return section('time', 'Time', 'No mapping was run.', null);
  const intro =
    `When each mapping ran, from the start of the run to its end after ${duration(result.duration_ms)}. ` +
    'Those marked ◆ are the critical path: each waited for the one before, and the run takes as long as they do.';
  const body = html`${chart(ran, end, new Set(criticalPath))} ${spentTable(report)}`;
  return section('time', 'Time', intro, body);
}

function chart(ran: readonly MappingResult[], end: number, critical: ReadonlySet<string>): Html {
  const marks = [0, 0.25, 0.5, 0.75].map(
    (part) => html`<span>${part === 0 ? '0' : duration(end * part)}</span>`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Time chart">
    <table class="chart">
      <thead>
        <tr>
          <th scope="col">Mapping</th>
          <th scope="col" class="n">Time</th>
          <th scope="col" class="lane"><div class="axis">${marks}</div></th>
        </tr>
      </thead>
      <tbody>
        ${ran.map((mapping) => row(mapping, end, critical.has(mapping.mapping)))}
      </tbody>
    </table>
  </div>`;
}

function row(mapping: MappingResult, end: number, isCritical: boolean): Html {
  const grid = [0, 25, 50, 75, 100].map((x) => html`<line x1="${x}%" x2="${x}%" y1="0" y2="26" />`);
  const tone = mapping.status === 'succeeded' ? (isCritical ? 'critical' : '') : 'bad';
  const [top, height] = isCritical ? [6, 14] : [9, 8];
  const start = percent(mapping.startedAfterMs, end);
  const width = percent(mapping.duration_ms, end);
  return html`<tr>
    <th scope="row">
      ${mapping.mapping}${isCritical ? html` <span class="mark" title="critical path">◆</span>` : null}
    </th>
    <td class="n">${duration(mapping.duration_ms)}</td>
    <td class="lane">
      <svg aria-hidden="true">
        ${grid}
        <rect
          class="${tone}"
          x="${start}%"
          y="${top}"
          width="${Math.max(0.3, width)}%"
          height="${height}"
          rx="2"
        />
      </svg>
    </td>
  </tr>`;
}

function percent(ms: number, end: number): number {
  return Math.round((ms / end) * 100_00) / 100;
}
