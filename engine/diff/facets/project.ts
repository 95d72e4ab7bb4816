import type { Project } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import type { Facet, FacetValue, Path } from '../facet.js';
import type { Side } from '../side.js';
import { hookFacets } from './make.js';

/** What etl.yaml says of the project as a whole; what it says of mappings is theirs. */
export function projectFacets(side: Side): readonly Facet[] {
  const { project } = side;
  const near: Position = { file: side.input.etl, line: 1, column: 1, length: 1 };
  const own = (key: string, path: Path, what: string, value: FacetValue): Facet => ({
    ...{ id: path.map(String), key, path, what, value, column: null, near },
  });
  const files = (kind: 'source' | 'target'): readonly string[] =>
    (project.embedded?.[kind] ?? []).map((file) => side.input.shown(file));
  return [
    own('etl.yaml › project', ['project'], 'project', project.name),
    own('etl.yaml › phases', ['phases'], 'phases', project.phases),
    own('defaults › batch_rows', ['defaults', 'batch_rows'], 'defaults: batch_rows', project.batchRows),
    own('state › schema', ['state', 'schema'], 'state: schema', project.stateSchema),
    own('embedded › source', ['embedded', 'source'], 'embedded: source', files('source')),
    own('embedded › target', ['embedded', 'target'], 'embedded: target', files('target')),
    own(
      'embedded › settings',
      ['embedded', 'settings'],
      'embedded: settings',
      // Put together from variables, which may be secrets: `${…}` as the file has it.
      settingsOf(side),
    ),
    ...hookFacets(project.hooks, ['hooks'], near),
    ...connectionFacets(side, own),
    ...exceptionFacets(project),
  ];
}

/** What etl.yaml writes for each setting of `embedded`. */
function settingsOf(side: Side): FacetValue {
  const names = [...(side.project.embedded?.settings.keys() ?? [])];
  const text = (name: string): string | null => side.text(side.input.etl, ['embedded', 'settings', name]);
  return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, text(name)]));
}

/** By what etl.yaml says, not by what variables hold: a url is a secret, and is compared unseen. */
function connectionFacets(
  side: Side,
  own: (key: string, path: Path, what: string, value: FacetValue) => Facet,
): readonly Facet[] {
  return [...side.project.connections.values()].flatMap(({ name, ssl, searchPath, password }) => {
    const path = ['connections', name];
    const text = (key: string): string | null => side.text(side.input.etl, [...path, key]);
    return [
      {
        ...own('a connection › url', [...path, 'url'], `connection ${name}: url`, text('url')),
        shown: urlWords(text('url')),
      },
      own(
        'a connection › password_file',
        [...path, 'password_file'],
        `connection ${name}: password_file`,
        text('password_file'),
      ),
      {
        ...own(
          'a connection › password_command',
          [...path, 'password_command'],
          `connection ${name}: password_command`,
          password?.kind === 'command' ? [password.command].flat() : null,
        ),
        shown: password?.kind === 'command' ? 'a command' : '',
      },
      own('a connection › ssl', [...path, 'ssl'], `connection ${name}: ssl`, ssl),
      own('a connection › ca', [...path, 'ca'], `connection ${name}: ca`, text('ca')),
      own(
        'a connection › search_path',
        [...path, 'search_path'],
        `connection ${name}: search_path`,
        searchPath,
      ),
    ];
  });
}

/** The variable that a url comes from; nothing of a url itself. */
function urlWords(text: string | null): string {
  const variable = /^\$\{(\w+)(?::-[^}]*)?\}$/.exec(text ?? '')?.[1];
  return text === null ? '' : variable === undefined ? 'a url' : `\${${variable}}`;
}

function exceptionFacets({ exceptions }: Project): readonly Facet[] {
  return exceptions.map(({ at, ...exception }, n) => {
    const { mapping, what: subject, upTo, who, why, until } = exception;
    const id = ['exceptions', JSON.stringify([mapping, subject])];
    const value = { ...subject, up_to: upTo, who, why, until };
    const what = `exception of ${mapping}`;
    return { id, key: 'an exception › mapping', what, value, column: null, path: [n], near: at };
  });
}
