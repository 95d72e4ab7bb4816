import type { RunResult } from '../engine/contract/result.js';
import { counted, duration, visible } from './format.js';
import { modesOf } from './mode.js';
import type { Report } from './report.js';
import { accountingLines } from './text/accounting.js';
import { causeLines } from './text/causes.js';
import { painter, type Paint, type Style } from './text/paint.js';
import { wrap } from './text/width.js';
import type { Verdict } from './verdict.js';

export interface TextOptions {
  readonly color: boolean;
  /** Cells of a line. Only paths and single long words are longer. */
  readonly width: number;
  /** Path of the written report, printed last; null where none was written. */
  readonly report: string | null;
}

const STYLE: Readonly<Record<Verdict['name'], Style>> = {
  GO: 'green',
  'GO WITH EXCEPTIONS': 'yellow',
  'NO-GO': 'red',
};

/** What `etl run` prints for people when a run is over. Ends in a line end. */
export function closingText(report: Report, options: TextOptions): string {
  const { result, causes } = report;
  const paint = painter(options.color);
  const blocks = [
    accountingLines(result, options.width, paint),
    causeLines(causes, options.width, paint),
    modeLines(result, options.width, paint),
    verdictLines(report, options.width, paint),
    options.report === null ? [] : [`Report: ${options.report}`],
  ];
  const text = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${text.join('\n\n')}\n`;
}

function modeLines(result: RunResult, width: number, paint: Paint): readonly string[] {
  return modesOf(result).flatMap(({ name, meaning }) => {
    const [first = '', ...others] = wrap(`${name}  ${meaning}`, width);
    return [paint('yellow', first), ...others];
  });
}

function verdictLines({ result, verdict, gaps }: Report, width: number, paint: Paint): readonly string[] {
  const checks = result.mappings.flatMap((mapping) => mapping.checks);
  const passed = checks.filter((check) => check.status === 'passed').length;
  const facts = [
    checks.length === 0 ? 'no checks' : `${String(passed)} of ${counted(checks.length, 'check')} passed`,
    duration(result.duration_ms),
    `run ${visible(result.run)}`,
  ];
  return [
    `${paint(STYLE[verdict.name], paint('bold', verdict.name))}  ${paint('dim', facts.join(', '))}`,
    ...gaps.flatMap((gap) => item('!', gap, width)),
    ...verdict.reasons.flatMap((reason) => item('-', reason, width)),
    ...verdict.accepted.flatMap((words) => item('+', words, width)),
  ];
}

function item(sign: string, text: string, width: number): readonly string[] {
  return wrap(visible(text), width - 4).map((line, index) =>
    index === 0 ? `  ${sign} ${line}` : `    ${line}`,
  );
}
