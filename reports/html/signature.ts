import type { Judgement } from '../exceptions.js';
import { counted } from '../format.js';
import type { Report } from '../report.js';
import { section } from './table.js';
import { html, type Html } from './template.js';

/** The page's end, to be filled in by hand: decision, accepted exceptions, two signatures. */
export function signatureSection({ result, verdict, judgement }: Report): Html {
  const body = html`<p>
      Run <code>${result.run}</code>, mappings <code>${result.provenance.mappingsHash}</code>, verdict
      <strong>${verdict.name}</strong>.
    </p>
    <div class="decision">
      ${['Go', 'Go, with the exceptions below', 'No-go'].map(
        (choice) => html`<span><span class="box"></span>${choice}</span>`,
      )}
    </div>
    ${acceptedWords(judgement)} ${verdict.reasons.length === 0 ? null : acceptedExceptions()}
    <div class="lines">
      ${['Prepared by', 'Approved by'].map(
        (role) =>
          html`<div></div>
            <div></div>
            <p>${role} (name, role)</p>
            <p>Date, signature</p>`,
      )}
    </div>`;
  return html`<div class="signing">
    ${section('signature', 'Decision and signature', 'To be completed by hand or in a signing tool.', body)}
  </div>`;
}

/** Those who have agreed already, by name. */
function acceptedWords({ exceptions }: Judgement): Html | null {
  const held = exceptions.filter(({ state }) => state === 'accepted').map(({ exception }) => exception);
  if (held.length === 0) return null;
  const who = [...new Set(held.map((exception) => exception.who))].join('; ');
  return html`<p class="intro">
    Accepted already, by ${who}: ${counted(held.length, 'exception')}, listed <a href="#exceptions">above</a>.
  </p>`;
}

function acceptedExceptions(): Html {
  const blank = html`<tr class="blank">
    <td></td>
    <td></td>
    <td></td>
  </tr>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Accepted exception, and why</th>
          <th scope="col">Accepted by</th>
          <th scope="col">Until</th>
        </tr>
      </thead>
      <tbody>
        ${[blank, blank, blank]}
      </tbody>
    </table>
  </div>`;
}
