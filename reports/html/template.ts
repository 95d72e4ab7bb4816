import { visible } from '../format.js';

/** Markup that is safe to print: only {@link html} and {@link trusted} make it. */
class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Html = Markup;

/** What may stand in a template: texts and numbers are escaped, null prints nothing. */
type Part = string | number | Html | readonly Html[] | null;

/** Tagged template: every interpolated text is escaped, for element content and quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  parts.forEach((part, index) => {
    text += print(part) + (strings[index + 1] ?? '');
  });
  return new Markup(text);
}

/** Text of our own that must not be escaped, such as the style sheet. Never give it data. */
export function trusted(text: string): Html {
  return new Markup(text);
}

/** Text in backticks becomes code. */
export function withCode(text: string): Html {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
  return html`${parts}`;
}

function print(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return part instanceof Markup ? part.text : part.map((item) => item.text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, line ends included, come out as visible escapes. */
function escape(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
