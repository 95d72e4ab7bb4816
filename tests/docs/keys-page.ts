import { describeShape, type KeyDoc, type KeysShape, type Shape } from '../../engine/mapping/shape.js';
import { ETL } from '../../engine/mapping/spec/etl.js';
import { EXCEPTIONS } from '../../engine/mapping/spec/exceptions.js';
import { MAPPING } from '../../engine/mapping/spec/mapping.js';
import { code, page, yamlLine } from './markdown.js';

/** Every key of etl.yaml and of a mapping, from the specification that the checker reads by. */
export function keysPage(): string {
  const shown = new Map<KeysShape, string>();
  return page([
    '# Keys of the three kinds of files',
    'By example: [mapping-language.md](mapping-language.md).',
    '## etl.yaml',
    ...sections('', ETL.shape, shown),
    '## A mapping',
    ...sections('', MAPPING.shape, shown),
    '## exceptions.yaml',
    'A list of maps with these keys. What it means: [report.md](report.md#accepted-exceptions).',
    ...sections('', EXCEPTIONS.shape, shown),
  ]);
}

/** A map's keys, then those of the maps in it; a map that stands in several places is shown once. */
function sections(path: string, shape: Shape, shown: Map<KeysShape, string>): readonly string[] {
  const parts: string[] = [];
  for (const map of mapsIn(shape)) {
    if (path !== '') parts.push(`### ${path}`);
    const before = shown.get(map);
    if (before !== undefined) {
      parts.push(`The keys are those of ${code(before)}, above.`);
      continue;
    }
    shown.set(map, path);
    parts.push(...limits(map), keyList(map));
    for (const [name, key] of Object.entries(map.keys)) {
      parts.push(...sections(path === '' ? name : `${path} › ${name}`, key.shape, shown));
    }
  }
  return parts;
}

/** The maps with known keys that stand in a value of the shape. */
function mapsIn(shape: Shape): readonly KeysShape[] {
  switch (shape.form) {
    case 'keys':
      return [shape];
    case 'either':
      return [shape.scalar, shape.list, shape.map].flatMap((each) =>
        each === undefined ? [] : mapsIn(each),
      );
    case 'list':
    case 'one_or_more':
      return mapsIn(shape.items);
    case 'record':
      return mapsIn(shape.values);
    default:
      return [];
  }
}

function limits({ limits: { exactlyOne = [], atMostOne = [] } }: KeysShape): readonly string[] {
  const names = (group: readonly string[]): string => group.map(code).join(', ');
  return [
    ...exactlyOne.map((group) => `Exactly one of ${names(group)} stands here.`),
    ...atMostOne.map((group) => `At most one of ${names(group)} stands here.`),
  ];
}

const keyList = (map: KeysShape): string =>
  Object.entries(map.keys)
    .map(([name, key]) => keyText(map, name, key))
    .join('\n');

function keyText(map: KeysShape, name: string, key: KeyDoc): string {
  const { doc, shape } = key;
  const beside = map.limits.needs?.[name];
  const notes = [
    doc,
    key.required === true ? '**Needed.**' : '',
    beside === undefined ? '' : `Only beside ${beside.map(code).join(' or ')}.`,
    key.default === undefined ? '' : `Default: ${code(key.default)}.`,
    key.example === undefined
      ? ''
      : `Example: ${code(yamlLine({ [name]: key.example }).replace(/^\{ | \}$/g, ''))}`,
  ];
  const about = notes.filter((note) => note !== '').join(' ');
  const value = valueText(shape);
  const line = `- **${code(name)}**${value === '' ? '' : ` (${value})`}: ${about}`;
  return [line, ...wordsIn(shape)].join('\n');
}

/** What a key's value may be, in words; empty where its words are listed. */
function valueText(shape: Shape): string {
  const forms =
    shape.form === 'either'
      ? [shape.scalar, shape.list, shape.map].filter((each) => each !== undefined)
      : [shape];
  return forms.map((each) => (each.form === 'word' ? 'a word' : describeShape(each))).join(' or ');
}

/** The words that a key knows, each with its meaning, as a list in the list. */
function wordsIn(shape: Shape): readonly string[] {
  if (shape.form === 'either' && shape.scalar !== undefined) return wordsIn(shape.scalar);
  if (shape.form !== 'word') return [];
  return Object.entries(shape.words).map(([word, { doc }]) => `  - ${code(word)}: ${doc}`);
}
