import { count } from '../format.js';
import { html, type Html } from './template.js';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly number?: true;
}

/** A part of the report under a heading; `intro` says in a sentence how to read it, or why there is nothing. */
export function section(id: string, title: string, intro: string, body: Html | null): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <p class="intro">${intro}</p>
    ${body}
  </section>`;
}

/** A table that scrolls in a box of its own, by keyboard too; `rows` are `<tr>`s or whole `<tbody>`s. */
export function table(
  label: string,
  columns: readonly Column[],
  body: readonly Html[],
  foot: Html | null = null,
): Html {
  const head = columns.map(({ title, number }) =>
    number === true ? html`<th scope="col" class="n">${title}</th>` : html`<th scope="col">${title}</th>`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">
    <table class="pin">
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      ${body}
      ${
        foot === null
          ? null
          : html`<tfoot>
              ${foot}
            </tfoot>`
      }
    </table>
  </div>`;
}

/** A count in a cell; zeros step back so that the others are seen, `tone` marks a count that should be zero. */
export function figure(value: number, tone: 'warn' | 'bad' | null = null): Html {
  const kind = value === 0 ? 'n zero' : tone === null ? 'n' : `n ${tone}`;
  return html`<td class="${kind}">${count(value)}</td>`;
}
