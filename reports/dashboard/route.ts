/** Where the page is: kept in the address behind `#`, so that links, back and reload work without the server. */
export interface Route {
  readonly view: View;
  /** `last`, or a run's name. */
  readonly run: string;
  /** Of the view `mapping`; else empty. */
  readonly mapping: string;
  readonly query: URLSearchParams;
}

const VIEWS = ['runs', 'run', 'graph', 'mapping', 'rejects', 'row', 'audit', 'compare'] as const;
export type View = (typeof VIEWS)[number];

type Query = Readonly<Record<string, string | number | null>>;

/** An address that is none of ours leads to the list of runs. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = split(hash.replace(/^#\/?/, ''), '?');
  const parts = path.split('/').map(decoded);
  const query = new URLSearchParams(search);
  const [first = '', run = 'last', view = 'run', mapping = ''] = parts;
  const none = { run: 'last', mapping: '', query };
  if (first === 'run') {
    const known = VIEWS.find((each) => each === view) ?? 'run';
    return { view: known === 'mapping' && mapping === '' ? 'run' : known, run, mapping, query };
  }
  if (first === 'audit' || first === 'compare') return { view: first, ...none };
  return { view: 'runs', ...none };
}

function split(text: string, by: string): readonly string[] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a view without a run; null leaves a part of the query out. */
export const linkTo = (view: 'runs' | 'audit' | 'compare', query: Query = {}): string =>
  `#/${view}${asked(query)}`;

/** The address of a view of a run. */
export function runLink(
  run: string,
  view: 'run' | 'graph' | 'rejects' | 'row' = 'run',
  query: Query = {},
): string {
  return `#/run/${encodeURIComponent(run)}${view === 'run' ? '' : `/${view}`}${asked(query)}`;
}

/** @param line of the mapping's file, to be shown */
export const mappingLink = (run: string, mapping: string, line: number | null = null): string =>
  `#/run/${encodeURIComponent(run)}/mapping/${encodeURIComponent(mapping)}${asked({ line })}`;

function asked(query: Query): string {
  const set = Object.entries(query).filter(([, value]) => value !== null && value !== '');
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
