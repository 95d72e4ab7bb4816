import { s } from './dom.js';

/** What a drawing of a graph is made of: anything else (script, foreignObject, image, style) is left out with all that is in it. */
const ELEMENTS = new Set([
  'svg',
  'g',
  'a',
  'path',
  'polygon',
  'polyline',
  'ellipse',
  'circle',
  'rect',
  'line',
  'text',
  'tspan',
  'title',
]);

/** Geometry and names; no event, no address, no style: colours are the page's. */
const ATTRIBUTES = new Set([
  'd', 'points', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'width', 'height', 'viewBox', 'transform',
  'text-anchor', 'font-size', 'stroke-dasharray', 'stroke-width', 'data-mapping', 'data-outside',
]); // prettier-ignore

/** Graphviz' own classes of parts. */
const CLASSES = new Set(['graph', 'cluster', 'node', 'edge']);

/**
 * A drawing from elsewhere as elements of this page: parsed as XML, never as HTML, and built anew from known elements and
 * attributes alone.
 * @throws Error where it is no SVG
 */
export function adoptSvg(text: string): SVGElement {
  const { documentElement: root } = new DOMParser().parseFromString(text, 'image/svg+xml');
  const made = root.localName === 'svg' ? adopted(root) : null;
  if (made === null) throw new Error('the graph that the server gave is no SVG');
  return made;
}

function adopted(element: Element): SVGElement | null {
  const name = element.localName;
  if (!ELEMENTS.has(name)) return null;
  // An address of the drawing's own leads nowhere here: the page puts its own links round mappings.
  const made = s(name === 'a' ? 'g' : name, null);
  for (const { name: attribute, value } of element.attributes)
    if (ATTRIBUTES.has(attribute)) made.setAttribute(attribute, value);
  const classes = (element.getAttribute('class') ?? '').split(' ').filter((word) => CLASSES.has(word));
  if (classes.length > 0) made.setAttribute('class', classes.join(' '));
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      const inner = adopted(child);
      if (inner !== null) made.append(inner);
    } else if (child.nodeType === Node.TEXT_NODE && (name === 'text' || name === 'tspan' || name === 'title'))
      made.append(child.nodeValue ?? '');
  }
  return made;
}
