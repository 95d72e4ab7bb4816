/**
 * Makes the children of an element equal to those given, keeping every node that can be kept: so focus, selection, scrolling,
 * what is unfolded and what is typed stay as they are while figures change. `data-key` tells siblings apart that move.
 */
export function morph(parent: Element, wanted: readonly Node[]): void {
  const keyed = new Map<string, Element>();
  for (const child of parent.children) {
    const key = child.getAttribute('data-key');
    if (key !== null) keyed.set(key, child);
  }
  let at: ChildNode | null = parent.firstChild;
  for (const next of wanted) {
    const key = next instanceof Element ? next.getAttribute('data-key') : null;
    const kept = key === null ? unkeyed(at) : (keyed.get(key) ?? null);
    if (kept === null || !alike(kept, next)) {
      parent.insertBefore(next, at);
      continue;
    }
    if (kept === at) at = at.nextSibling;
    else parent.insertBefore(kept, at);
    update(kept, next);
  }
  while (at !== null) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** A node that has a key waits for its own. */
function unkeyed(node: ChildNode | null): ChildNode | null {
  return node instanceof Element && node.hasAttribute('data-key') ? null : node;
}

const alike = (a: Node, b: Node): boolean => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

function update(kept: Node, next: Node): void {
  if (!(kept instanceof Element) || !(next instanceof Element)) {
    if (kept.nodeValue !== next.nodeValue) kept.nodeValue = next.nodeValue;
    return;
  }
  attributes(kept, next);
  morph(kept, [...next.childNodes]);
  if (kept instanceof HTMLSelectElement && next instanceof HTMLSelectElement && !hasFocus(kept))
    kept.value = next.value;
}

function attributes(kept: Element, next: Element): void {
  for (const { name } of [...kept.attributes]) {
    const users = name === 'open' && kept instanceof HTMLDetailsElement;
    if (!next.hasAttribute(name) && !users) kept.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (kept.getAttribute(name) === value) continue;
    kept.setAttribute(name, value);
    if (name === 'value' && kept instanceof HTMLInputElement && !hasFocus(kept)) kept.value = value;
  }
}

const hasFocus = (element: Element): boolean => element === document.activeElement;
