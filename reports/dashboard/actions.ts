import { say } from './announce.js';
import { showHelp } from './help.js';
import { linkTo, parseRoute, runLink } from './route.js';
import { nextTheme } from './theme.js';
import { zoomGraph } from './views-graph.js';

/** What buttons do, by their `data-action`; elements are kept while views are drawn again, so they carry data, no listeners. */
const ACTIONS: Readonly<Record<string, (text: string, element: HTMLElement) => void>> = {
  copy: (text, element) => void copy(text, element),
  theme: () => void nextTheme(),
  help: showHelp,
  zoom: (text) => zoomGraph(text === '1' ? 1 : text === '-1' ? -1 : 0),
  skip: () => document.getElementById('main')?.focus(),
};

/** Listens to clicks, forms and keys of the whole page. @param draw shows what an action has changed */
export function listen(draw: () => void): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const element = target?.closest<HTMLElement>('[data-action]');
    if (target?.closest('a[href^="#/"]') != null) history.replaceState(window.scrollY, '');
    if (element == null || element instanceof HTMLFormElement) return;
    event.preventDefault();
    ACTIONS[element.dataset['action'] ?? '']?.(element.dataset['text'] ?? '', element);
    draw();
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset['action'] !== 'filter') return;
    event.preventDefault();
    const fields = [...new FormData(form)].flatMap(([name, value]) =>
      typeof value === 'string' && value !== '' ? [[name, value]] : [],
    );
    const query = new URLSearchParams(fields);
    location.hash = `${form.dataset['text'] ?? ''}?${query.toString()}`;
  });
  document.addEventListener('keydown', onKey);
}

async function copy(text: string, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied');
    button.classList.add('copied');
  } catch {
    // A browser that gives no clipboard: the text is selected, to be copied by hand.
    const code = button.previousElementSibling;
    if (code !== null) getSelection()?.selectAllChildren(code);
    say('Selected, copy it with your keyboard');
  }
}

let isGoing = false;

function onKey(event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target !== null && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
    if (event.key === 'Escape') target.blur();
    return;
  }
  const wasGoing = isGoing;
  isGoing = event.key === 'g' && !wasGoing;
  if (isGoing || document.querySelector('dialog') !== null) return;
  const address = wasGoing ? addressOf(event.key) : null;
  if (address !== null) location.hash = address;
  else if (event.key === '/') toFilter();
  else if (event.key === '?') showHelp();
  else return;
  event.preventDefault();
}

function addressOf(key: string): string | null {
  const { run } = parseRoute(location.hash);
  const addresses: Readonly<Record<string, string>> = {
    r: linkTo('runs'), a: linkTo('audit'), c: linkTo('compare'), l: runLink('last'), o: runLink(run), g: runLink(run, 'graph'), j: runLink(run, 'rejects'),
  }; // prettier-ignore
  return addresses[key] ?? null;
}

/** The first field of this view's filter; a view without one leads to the rejects. */
function toFilter(): void {
  const field = document.querySelector<HTMLElement>(
    'form.filter input:not([type=hidden]), form.filter select',
  );
  if (field !== null) field.focus();
  else location.hash = runLink(parseRoute(location.hash).run, 'rejects');
}
