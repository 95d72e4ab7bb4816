import type { CheckSpec } from '../../contract/check.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { differenceWords } from '../../contract/difference.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { CheckResult } from '../../contract/result.js';
import type { RunContext } from '../context.js';
import { withSessions } from './compare-sessions.js';
import { evaluateChecks } from './evaluate.js';
import { isAloneIn } from './alone.js';
import { judge } from './judge.js';

/** Differences of each kind and column that a run keeps of a check. */
const MOST = 10;

const isAlwaysOn = ({ test }: CheckSpec): boolean => test.kind === 'row_count' || test.kind === 'references';

/** The checks that a mapping lists, at the end of a run: over what the run read. */
export async function ownChecks(
  context: RunContext,
  compiled: CompiledMapping,
): Promise<readonly CheckResult[]> {
  const specs = compiled.mapping.checks.filter((spec) => !isAlwaysOn(spec));
  if (specs.length === 0) return [];
  if (context.stop.requested) return specs.map(({ name }) => notMade(name, 'the run was stopped'));
  context.emit({ type: 'stage', mapping: compiled.mapping.name, stage: 'checks' });
  try {
    const { checks } = await withSessions(context, compiled, (sessions) =>
      evaluateChecks(context, compiled, sessions, {
        most: MOST,
        alone: isAloneIn(context, compiled),
        unanswered: 'reported',
        always: false,
      }),
    );
    return checks;
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    return specs.map(({ name }) => ({ ...notMade(name, error.message), status: 'failed' }));
  }
}

const notMade = (check: string, why: string): CheckResult => ({
  check,
  status: 'warned',
  source: '',
  target: '',
  note: `not made: ${why}`,
});

/** One of the checks that are always on, as grave as the mapping says. */
export function asGrave(check: CheckResult, specs: readonly CheckSpec[]): CheckResult {
  const [kind] = check.check.split(' ');
  const spec = specs.find(({ test }) => test.kind === kind);
  if (spec === undefined || check.status !== 'failed') return check;
  const [source, target] = [Number(check.source), Number(check.target)];
  return { ...check, status: judge(spec, Math.abs(source - target), Math.max(source, target)) };
}

/** Why a mapping fails that a check of its own has found something about. */
export function failureWords({ check, source, target, note, differences }: CheckResult): string {
  const [first] = differences ?? [];
  const sides = source === '' && target === '' ? (note ?? 'failed') : `source ${source}, target ${target}`;
  return `check ${check}: ${sides}${first === undefined ? '' : ` (${differenceWords(first)})`}`;
}
