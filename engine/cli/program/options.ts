import { InvalidArgumentError, type Command } from 'commander';
import type { ChangeClass } from '../../contract/diff.js';
import { guard } from '../guards.js';
import { outputOf, report, type Output } from '../io.js';

/** What commands are told by options; each knows its own. */
export interface Flags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly embedded?: boolean;
  readonly explain?: boolean;
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly jobs?: number;
  readonly failFast?: boolean;
  readonly dryRun?: boolean;
  readonly fresh?: boolean;
  readonly logFile?: string;
  readonly withDependants?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly run?: string;
  readonly watch?: boolean;
  readonly audit?: boolean;
  readonly mapping?: readonly string[];
  readonly rule?: string;
  readonly column?: string;
  readonly limit?: number;
  readonly limitDifferences?: number;
  readonly format?: string;
  readonly filter?: string;
  readonly out?: string;
  readonly full?: boolean;
  readonly base?: string;
  readonly baseDir?: string;
  readonly head?: string;
  readonly sample?: number;
  readonly failOn?: ChangeClass;
  readonly timezone?: string;
  readonly plan?: string;
  readonly detailedExitcode?: boolean;
  readonly around?: string;
  readonly depth?: number;
  readonly lineage?: string | true;
  readonly target?: boolean;
  readonly showSensitive?: boolean;
  readonly port?: number;
  readonly host?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly open?: boolean;
}

/** Runs a command and leaves its exit code; nothing is thrown past here. */
export async function finish(flags: Flags, work: (output: Output) => Promise<number>): Promise<void> {
  const output = outputOf(flags);
  guard(output);
  try {
    process.exitCode = await work(output);
  } catch (error) {
    process.exitCode = report(error, output);
  }
}

export function jobs(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 999.');
  return Number(text);
}

export function rows(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError('It is a whole number from 0 to 65535.');
  }
  return Number(text);
}

export const common = (command: Command): Command =>
  command
    .argument('<dir>', 'the project folder: the one with etl.yaml')
    .option('--json', 'print one JSON document on stdout')
    .option('--quiet', 'only results and errors')
    .option('--verbose', 'more about what goes wrong');

export const embeddable = (command: Command): Command =>
  command.option('--embedded', 'on a PostgreSQL of its own, built from the files that etl.yaml names');

export const selecting = (command: Command): Command =>
  embeddable(
    common(command)
      .option(
        '--select <selectors...>',
        'mappings by name, tag:x, phase:x, path:x, +x, x+; a comma intersects',
      )
      .option('--exclude <selectors...>', 'leave these out'),
  );

export const loading = (command: Command): Command =>
  command
    .option('--jobs <n>', 'mappings at a time', jobs)
    .option('--fail-fast', 'stop at the first mapping that fails')
    .option('--log-file <file>', 'JSON lines; default DIR/.etl/logs/etl.log');
