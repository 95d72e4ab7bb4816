import { checkNote } from './check-note.js';
import type { MappingResult } from '../engine/contract/result.js';
import { adviceOn } from './advice.js';
import { placeOf } from './causes.js';
import type { Format } from './document.js';
import { isAccepted } from './exceptions.js';
import { counted, visible } from './format.js';
import type { Report } from './report.js';

/** What a case says besides its name. */
interface Said {
  readonly kind: 'passed' | 'skipped' | 'failure';
  readonly message: string;
}

interface Case extends Said {
  readonly name: string;
  readonly file: string;
}

/**
 * For a build server: a suite a mapping, with its load, its accounting, each check and each cause of rejects. What
 * makes the run fail is a failure; what somebody would have to accept is skipped, so that it is seen and breaks nothing.
 */
export const junitReport: Format = {
  format: 'junit',
  render: (report) =>
    Promise.resolve({ output: document(report), mediaType: 'application/xml', extension: 'junit.xml' }),
};

function document(report: Report): string {
  const { result } = report;
  const suites = [
    suite('run', [verdictCase(report)], result.duration_ms),
    ...result.mappings.map((mapping) =>
      suite(mapping.mapping, casesOf(mapping, report), mapping.duration_ms),
    ),
  ];
  const name = text(`${result.project} ${result.run}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" time="${seconds(result.duration_ms)}">\n${suites.join('')}</testsuites>\n`;
}

function verdictCase({ verdict, gaps }: Report): Case {
  const message = [verdict.name, ...gaps, ...verdict.reasons, ...verdict.accepted].join('\n');
  const kind = verdict.name === 'NO-GO' ? 'failure' : verdict.reasons.length > 0 ? 'skipped' : 'passed';
  return { name: 'verdict', file: '', kind, message };
}

function casesOf(mapping: MappingResult, { causes, judgement }: Report): readonly Case[] {
  const { file, status, reason, unexplained } = mapping;
  const load: Said =
    status === 'succeeded'
      ? { kind: 'passed', message: '' }
      : { kind: status === 'not_run' ? 'skipped' : 'failure', message: `${status}: ${reason ?? ''}` };
  const closes: Said =
    unexplained === 0
      ? { kind: 'passed', message: '' }
      : { kind: 'failure', message: `${counted(unexplained, 'row')} unexplained` };
  const own = causes.filter((cause) => cause.mapping === mapping.mapping);
  return [
    { name: 'load', file, ...load },
    { name: 'accounting', file, ...closes },
    ...mapping.checks.map((check): Case => {
      const note = checkNote(check);
      const message = `source ${check.source}, target ${check.target}${note === '' ? '' : `: ${note}`}`;
      const kind = { passed: 'passed', warned: 'skipped', failed: 'failure' } as const;
      return { name: `check ${check.check}`, file, kind: kind[check.status], message };
    }),
    ...own.map((cause): Case => {
      const accepted = isAccepted(judgement, cause);
      const samples = cause.samples.map(({ key, reason: why }) => `key ${key}: ${why}`);
      const where = `${cause.file}:${String(cause.line)}`;
      const count = `${counted(cause.count, 'row')} rejected${accepted ? ', accepted' : ''}`;
      return {
        name: `rejects ${placeOf(cause)}, ${cause.rule} (${where})`,
        file: cause.file,
        kind: accepted ? 'passed' : 'skipped',
        message: [count, adviceOn(cause), ...samples].join('\n'),
      };
    }),
  ];
}

function suite(name: string, cases: readonly Case[], ms: number): string {
  const of = (kind: Said['kind']): string => String(cases.filter((each) => each.kind === kind).length);
  const counts = `tests="${String(cases.length)}" failures="${of('failure')}" skipped="${of('skipped')}" errors="0"`;
  const inside = cases.map((each) => caseOf(name, each)).join('');
  return `  <testsuite name="${text(name)}" ${counts} time="${seconds(ms)}">\n${inside}  </testsuite>\n`;
}

function caseOf(suiteName: string, { name, file, kind, message }: Case): string {
  const where = file === '' ? '' : ` file="${text(file)}"`;
  const open = `    <testcase classname="${text(suiteName)}" name="${text(name)}"${where}`;
  if (message === '') return `${open}/>\n`;
  const [first = ''] = message.split('\n');
  const said = {
    passed: `<system-out>${text(message)}</system-out>`,
    skipped: `<skipped message="${text(message)}"/>`,
    failure: `<failure message="${text(first)}">${text(message)}</failure>`,
  };
  return `${open}>${said[kind]}</testcase>\n`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** Line ends of our own stay; what XML 1.0 cannot hold becomes a visible escape or U+FFFD. */
function text(value: string): string {
  return value
    .split('\n')
    .map(visible)
    .join('\n')
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? '');
}
