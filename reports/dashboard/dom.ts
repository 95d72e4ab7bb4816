import { visible } from '../format.js';

export type Child = Node | string | number | null | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An HTML element. Texts become text nodes, with control characters and bidirectional overrides made visible: no value can
 * become markup or reorder what is read.
 * @param tag name and classes, as in `td.n.bad`
 * @param attributes true sets an empty one, false and null none
 */
export function h(tag: string, attributes: Attributes | null, ...children: readonly Child[]): HTMLElement {
  const [name = 'div', ...classes] = tag.split('.');
  return dressed(document.createElement(name), classes, attributes, children);
}

/** The same for SVG. */
export function s(tag: string, attributes: Attributes | null, ...children: readonly Child[]): SVGElement {
  const [name = 'g', ...classes] = tag.split('.');
  const made = document.createElementNS(SVG, name);
  return dressed(made, classes, attributes, children);
}

function dressed<E extends Element>(
  element: E,
  classes: readonly string[],
  attributes: Attributes | null,
  children: readonly Child[],
): E {
  const worn = classes.filter((name) => name !== '').join(' ');
  if (worn !== '') element.setAttribute('class', worn);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null) continue;
    if (child instanceof Node) element.append(child);
    else if (typeof child === 'object') append(element, child);
    else element.append(visible(String(child)));
  }
}

/** Text in backticks becomes code. */
export function withCode(text: string): readonly Child[] {
  return text.split('`').map((part, n) => (n % 2 === 1 ? h('code', null, part) : part));
}

/** The element of the page with this id. @throws Error where index.html has none */
export function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}
