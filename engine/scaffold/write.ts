import type { Json } from '../contract/value.js';
import type { Draft, DraftColumn, Making } from './draft.js';
import { comment, flow, scalar } from './yaml-words.js';

const WIDTH = 110;

/** The text of a new mapping file. @param schema of mappings, as a path relative to the file; null where there is none */
export function mappingText(draft: Draft, schema: string | null): string {
  const { source, target, phase } = draft;
  const lines = [
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`]),
    ...(phase === null ? [] : [`phase: ${scalar(phase)}`]),
    ...(schema === null && phase === null ? [] : ['']),
    ...sourceLines(draft),
    '',
    'target:',
    `  table: ${scalar(target.table)}`,
    ...(target.key.length === 0 ? [] : [`  key: ${names(target.key)}`]),
    ...(target.identity === null ? [] : [`  identity: ${scalar(target.identity)}`]),
    ...(source?.key.length === 0
      ? ['  mode: insert # TODO without a key of the source nothing is found again']
      : []),
    ...(target.mayBeNew
      ? [
          `  ${comment(`TODO rows keep their keys; for new ones: identity, and ${names(target.key)} not listed below`)}`,
        ]
      : []),
    '',
    ...columnsLines(draft.columns),
  ];
  return `${lines.join('\n')}\n`;
}

function sourceLines({ source, near }: Draft): readonly string[] {
  if (source === null) {
    const list = near.map(({ table, confidence }) => `${table} ${confidence.toFixed(2)}`).join(', ');
    const why =
      list === '' ? 'no source table is like it' : `no source table is like it enough; nearest: ${list}`;
    return ['source:', `  table: '' ${comment(`TODO ${why}`)}`, '  key: id'];
  }
  const { table, key, confidence, shared, unused } = source;
  const doubt = [
    ...(confidence < SURE_TABLE ? [`is it this table? ${confidence.toFixed(2)}`] : []),
    ...(shared ? ['another mapping reads it, too: which rows belong here? (where)'] : []),
  ];
  return [
    'source:',
    `  table: ${scalar(table)}${doubt.length === 0 ? '' : ` ${comment(`TODO ${doubt.join('; ')}`)}`}`,
    key.length === 0
      ? `  # key: TODO the table has none: which columns tell its rows apart?`
      : `  key: ${names(key)}`,
    ...(unused.length === 0
      ? []
      : [
          `  ignore: # TODO no target column was found for them`,
          `    columns: ${flow(unused)}`,
          '    reason: not decided yet',
        ]),
  ];
}

const SURE_TABLE = 0.65;

const names = (list: readonly string[]): string => (list.length === 1 ? scalar(list[0] ?? '') : flow(list));

function columnsLines(columns: readonly DraftColumn[]): readonly string[] {
  const lines = columnLines(columns, '  ');
  return columns.some(({ active }) => active) ? ['columns:', ...lines] : ['columns: {} # TODO', ...lines];
}

/** The columns as lines of a map that is indented so; what the database fills of itself in one comment behind them. */
export function columnLines(columns: readonly DraftColumn[], indent: string): readonly string[] {
  const left = columns.filter(({ making, todo }) => making === null && todo.length === 0);
  const shown = columns.filter((column) => !left.includes(column));
  return [
    ...shown.flatMap((column) => oneColumn(column).map((line) => indent + line)),
    ...(left.length === 0
      ? []
      : [`${indent}${comment(`left to the database: ${left.map(({ column }) => column).join(', ')}`)}`]),
  ];
}

function oneColumn({ column, making, active, todo }: DraftColumn): readonly string[] {
  const value = making === null ? '…' : written(making);
  const line = `${active ? '' : '# '}${scalar(column)}: ${value}`;
  const words = todo.length === 0 ? '' : comment(`TODO ${todo.join('; ')}`);
  if (words === '') return [line];
  return line.length + words.length < WIDTH ? [`${line} ${words}`] : [words, line];
}

function written({ from, sql, steps, map, references }: Making): string {
  if (sql !== null) return flow({ sql });
  const parts: Readonly<Record<string, Json>> = {
    from,
    ...(steps.length === 0 ? {} : { steps }),
    ...(map === null ? {} : { map }),
    ...(references === null ? {} : { references }),
  };
  return Object.keys(parts).length === 1 ? scalar(from ?? '') : flow(parts);
}
