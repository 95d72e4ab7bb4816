import { EXIT } from '../engine/contract/errors.js';
import type { RunResult } from '../engine/contract/result.js';
import { causesOf, placeOf, type Cause } from './causes.js';
import { isOf, type Judgement } from './exceptions.js';
import { counted } from './format.js';
import type { Verdict } from './verdict.js';

/** What an engineer does next, the most urgent first; `DIR` stands for the project folder. */
export function nextSteps(result: RunResult, verdict: Verdict, judgement: Judgement): readonly string[] {
  const steps = [...endingSteps(result), ...rejectSteps(result, judgement.open), ...acceptSteps(judgement)];
  if (verdict.name === 'NO-GO') return steps;
  if (result.dryRun) return [...steps, 'Run it without `--dry-run`: this one was taken back.'];
  if (result.limit !== null) return [...steps, 'Run it without `--limit`: this one loaded a sample.'];
  return verdict.reasons.length === 0 ? [...steps, 'Sign under “Decision and signature”.'] : steps;
}

function endingSteps(result: RunResult): readonly string[] {
  const { exitCode, status, dryRun, limit, mappings } = result;
  const whole = !dryRun && limit === null;
  const again = whole ? '`etl resume DIR` goes on where it stopped' : 'run it again';
  const failed = mappings.find((mapping) => mapping.status === 'failed' && mapping.checks.length === 0);
  const checks = mappings.flatMap((mapping) => mapping.checks.filter((check) => check.status === 'failed'));
  return [
    ...(exitCode === EXIT.transient ? [`It may pass by itself: ${again}.`] : []),
    ...(status === 'interrupted' && exitCode !== EXIT.transient ? [`To go on: ${again}.`] : []),
    ...(failed !== undefined && exitCode !== EXIT.transient
      ? [`Mend what failed ${plain(failed.mapping)} (its reason stands under “Accounting”); then ${again}.`]
      : []),
    ...(checks.length > 0
      ? [`Look into ${counted(checks.length, 'failed check')}: both sides’ values stand under “Checks”.`]
      : []),
    ...(exitCode === EXIT.rejects
      ? ['Mend the causes under “Rejected rows”, or raise `max_rejects` of the mapping with a reason.']
      : []),
  ];
}

/** Rows that are rejected for this cause itself, and those that they take along. */
const weight = ({ count, follows, takes }: Cause): number =>
  count + takes - follows.reduce((total, each) => total + each.count, 0);

function rejectSteps(result: RunResult, open: Judgement['open']): readonly string[] {
  const causes = causesOf(result).filter((cause) => open.some((finding) => isOf(finding, cause)));
  const [worst] = [...causes].sort((left, right) => weight(right) - weight(left));
  if (worst === undefined) return [];
  const rows = plain(`${placeOf(worst)} (${worst.rule}: ${counted(weight(worst), 'row')})`);
  if (result.dryRun || result.limit !== null)
    return [`Mend the causes of the rejects, first that of ${rows}.`];
  return [
    `Mend the causes of the rejects at the source or in the mapping, first that of ${rows}; ` +
      `\`etl rejects DIR replay\` then loads the rows whose cause is gone.`,
    '`etl rejects DIR show MAPPING KEY` shows one row and what caused it.',
  ];
}

function acceptSteps({ open, exceptions }: Judgement): readonly string[] {
  const unused = exceptions.filter(({ state }) => state === 'unused').length;
  return [
    ...(open.length > 0
      ? ['What is to stay as it is: let somebody accept it by name in `exceptions.yaml`, until a date.']
      : []),
    ...(unused > 0
      ? [`Remove ${counted(unused, 'exception')} from \`exceptions.yaml\` that nothing needs any more.`]
      : []),
  ];
}

/** Names come from strangers: backticks are ours. */
const plain = (text: string): string => text.replaceAll('`', '’');
