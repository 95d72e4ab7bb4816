import type { Position, Problem } from '../contract/problem.js';
import { excerpt, printable } from './excerpt.js';

const SGR = { red: '31;1', yellow: '33;1', blue: '34;1', bold: '1' } as const;
type Paint = (style: keyof typeof SGR, text: string) => string;

/**
 * Problems as text for a terminal: each with its place and a code frame, by file and line; a summary line at
 * the end; empty where there is none. `texts`: by the path that positions carry. Passwords in URLs are
 * masked, control characters made harmless.
 */
export function formatProblems(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  options: { readonly color: boolean },
): string {
  if (problems.length === 0) return '';
  const paint: Paint = (style, text) => (options.color ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text);
  const frames = problems.map((problem) => frame(problem, texts, paint));
  return `${[...frames, summary(problems)].join('\n\n')}\n`;
}

function frame(problem: Problem, texts: ReadonlyMap<string, string>, paint: Paint): string {
  const style = problem.severity === 'error' ? 'red' : 'yellow';
  const title = `${paint(style, `${problem.severity}[${problem.code}]`)}${paint('bold', `: ${printable(problem.message)}`)}`;
  const { at } = problem;
  const gutter = at === undefined ? '' : ' '.repeat(String(at.line).length);
  const place = at === undefined ? [] : placeLines(at, problem.label ?? '', texts.get(at.file), style, paint);
  const help =
    problem.help === undefined ? [] : [`${gutter} ${paint('blue', '=')} help: ${printable(problem.help)}`];
  const notes = (problem.related ?? []).map(({ at: { file, line, column }, message }) => {
    const where = `${printable(file)}:${String(line)}:${String(column)}`;
    return `${gutter} ${paint('blue', '=')} note: ${where} ${printable(message)}`;
  });
  return [title, ...place, ...help, ...notes].join('\n');
}

function placeLines(
  at: Position,
  label: string,
  text: string | undefined,
  style: 'red' | 'yellow',
  paint: Paint,
): string[] {
  const number = String(at.line);
  const gutter = ' '.repeat(number.length);
  const arrow = `${gutter}${paint('blue', '-->')} ${printable(at.file)}:${number}:${String(at.column)}`;
  const line = text?.split('\n')[at.line - 1];
  if (line === undefined) return [arrow];
  const { code, before, width } = excerpt(line.replace(/\r$/, ''), at.column - 1, at.length);
  const bar = paint('blue', '|');
  const mark = paint(style, `${'^'.repeat(width)}${label === '' ? '' : ` ${printable(label)}`}`);
  return [
    arrow,
    `${gutter} ${bar}`,
    `${paint('blue', number)} ${bar} ${code}`.trimEnd(),
    `${gutter} ${bar} ${' '.repeat(before)}${mark}`,
  ];
}

function summary(problems: readonly Problem[]): string {
  const count = (severity: Problem['severity']) =>
    problems.filter((each) => each.severity === severity).length;
  const words = (number: number, word: string) =>
    number === 0 ? [] : [`${String(number)} ${word}${number === 1 ? '' : 's'}`];
  return [...words(count('error'), 'error'), ...words(count('warning'), 'warning')].join(', ');
}
