import type { EndPoint, RunResult } from '../../engine/contract/result.js';
import { bytes, duration, moment } from '../format.js';
import { modesOf } from '../mode.js';
import { totalsOf } from '../totals.js';
import { section } from './table.js';
import { html, type Html } from './template.js';

/** What ran, on what, by whom: enough to repeat the run and to know that this report speaks of it. */
export function provenanceSection(result: RunResult): Html {
  const { provenance } = result;
  const facts: readonly (readonly [string, Html])[] = [
    ['Run', html`<code>${result.run}</code>`],
    [
      'Mode',
      html`${
        modesOf(result)
          .map(({ meaning }) => meaning)
          .join(' ') || 'migration'
      }`,
    ],
    ['Started', html`${moment(result.startedAt)}, took ${duration(result.duration_ms)}`],
    ['Operator', html`${provenance.operator}`],
    ['Source', endPoint(provenance.source)],
    ['Target', endPoint(provenance.target)],
    ['Read', html`${bytes(totalsOf(result).bytes)}`],
    ['Snapshot', optional(provenance.snapshot, 'none: the readers did not share one')],
    ['Mappings, SHA-256', html`<code>${provenance.mappingsHash}</code>`],
    ['Git commit', optional(provenance.gitCommit, 'not in a git repository')],
    ['Versions', html`Crosswalk ${provenance.crosswalk}, Node ${provenance.node}`],
    ['Exit code', html`${String(result.exitCode)} (${result.status})`],
  ];
  const body = html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
  return section('provenance', 'Provenance', 'What ran, where and by whom.', body);
}

function endPoint(point: EndPoint): Html {
  const { host, port, database, user, version } = point;
  return html`<code>${database}</code> on ${host}:${String(port)} as ${user}, ${version}`;
}

function optional(value: string | null, otherwise: string): Html {
  return value === null ? html`<span class="soft">${otherwise}</span>` : html`<code>${value}</code>`;
}
