import { Option, type Command } from 'commander';
import { CHANGE_CLASSES } from '../../contract/diff.js';
import type { Completed } from '../commands/completion.js';
import { common, embeddable, finish, rows, type Flags } from './options.js';

/** Those of reports/unit. */
const UNIT_FORMATS = ['text', 'junit', 'github', 'json'];

const DIFF_FORMATS = ['text', 'markdown', 'json', 'github'] as const;

/** The commands with their options, as the shell completes them. */
const commandsOf = (all: Command): readonly Completed[] =>
  all.commands
    .filter((command) => command.name() !== 'complete')
    .map((command) => ({
      name: command.name(),
      options: command.options.flatMap(({ long, argChoices, required }) =>
        typeof long === 'string' ? [{ name: long, values: argChoices ?? [], takesValue: required }] : [],
      ),
    }));

/** Commands about the project’s files. */
export function addFileCommands(program: Command): void {
  common(program.command('validate'))
    .description('check the files: language, references, graph; no database needed')
    .addOption(
      new Option('--format <format>', 'how to tell what is wrong; frames go to stderr either way')
        .choices(['text', 'json', 'github', 'sarif', 'junit'])
        .default('text'),
    )
    .action((dir: string, { format, ...flags }: Flags) => {
      const document = format === 'github' || format === 'sarif' || format === 'junit' ? format : null;
      return finish({ ...flags, json: flags.json === true || format === 'json' }, async (output) => {
        const { validateCommand } = await import('../commands/validate.js');
        return validateCommand(dir, document, output);
      });
    });

  common(program.command('test'))
    .description('run the unit tests beside the mappings on the embedded server; no database needed')
    .option('--select <selectors...>', 'tests of these mappings, as for run')
    .option('--exclude <selectors...>', 'not of these')
    .option('--filter <text>', 'tests with this text in their name')
    .addOption(new Option('--format <format>', 'of the results').choices(UNIT_FORMATS).default('text'))
    .action((dir: string, flags: Flags) =>
      finish(flags, async (output) => {
        const { testCommand } = await import('../commands/test.js');
        const { select = [], exclude = [], filter = null, format = 'text' } = flags;
        return testCommand(dir, { select, exclude, filter, format }, output);
      }),
    );

  program
    .command('schema')
    .argument('<kind>', 'mapping, test or project')
    .argument('[dir]', "a project folder, whose plugins' steps and rules are in it, too")
    .description('the JSON Schema of a kind of files, for editors')
    .option('--json', 'as it is anyway')
    .action((kind: string, dir: string | undefined) =>
      finish({}, async (output) => {
        const { schemaCommand } = await import('../commands/schema.js');
        return schemaCommand(kind, dir, output);
      }),
    );

  common(program.command('init'))
    .description('a project to start from; overwrites nothing')
    .action((dir: string, flags: Flags) =>
      finish(flags, async (output) => {
        const { initCommand } = await import('../commands/init.js');
        return initCommand(dir, output);
      }),
    );

  common(program.command('graph'))
    .description('how the mappings hang together, and where columns come from; no database needed')
    .option('--select <selectors...>', 'these mappings, what they need and what needs them')
    .option('--exclude <selectors...>', 'not these')
    .addOption(
      new Option('--format <format>', 'lineage: column by column, as text')
        .choices(['mermaid', 'svg', 'dot', 'json', 'lineage'])
        .default('mermaid'),
    )
    .option('--around <mapping>', 'its neighbourhood instead, --depth arrows far')
    .option('--depth <n>', 'of --around', rows, 1)
    .option('--lineage [mapping]', 'where its columns come from, as text; mapping.column for one of them')
    .option('--out <file>', 'write it to a file')
    .action((dir: string, flags: Flags) =>
      finish(flags, async (output) => {
        const { graphCommand } = await import('../commands/graph.js');
        const { select = [], exclude = [], format = 'mermaid', out: file = null } = flags;
        const { around = null, depth = 1, lineage = false } = flags;
        return graphCommand(dir, { select, exclude, around, depth, lineage, format, out: file }, output);
      }),
    );

  embeddable(common(program.command('diff')))
    .description(
      'what a change of the files does to the data: each change with its class, place and dependants',
    )
    .option('--base <ref>', 'the commit to compare with; REF... for where its branch parts from HEAD')
    .option('--base-dir <dir>', 'another folder to compare with, in place of a commit')
    .option('--head <ref>', 'a commit in place of the working tree')
    .option(
      '--sample <n>',
      'n source rows of each changed mapping through both states; asks the databases',
      rows,
    )
    .addOption(new Option('--fail-on <class>', 'exit code 6 from this class on').choices(CHANGE_CLASSES))
    .addOption(new Option('--format <format>', 'of what is found').choices(DIFF_FORMATS).default('text'))
    .action((dir: string, { format, ...flags }: Flags) => {
      const shown = DIFF_FORMATS.find((one) => one === format) ?? 'text';
      return finish({ ...flags, json: flags.json === true || shown === 'json' }, async (output) => {
        const { diffCommand } = await import('../commands/diff.js');
        const {
          base = null,
          baseDir = null,
          head = null,
          failOn = null,
          sample = null,
          embedded = false,
        } = flags;
        return diffCommand(dir, { base, baseDir, head, failOn, sample, embedded, format: shown }, output);
      });
    });

  program
    .command('completion')
    .argument('<shell>', 'bash, zsh, fish')
    .description('a script for the shell: source <(etl completion bash)')
    .option('--json', 'one JSON document on stdout')
    .action((shell: string, flags: Flags) =>
      finish(flags, async ({ json }) => {
        const { completionCommand } = await import('../commands/completion.js');
        return completionCommand(shell, commandsOf(program), json);
      }),
    );

  // What the scripts of `completion` ask while somebody types.
  program
    .command('complete', { hidden: true })
    .argument('[dir]')
    .action((dir: string | undefined) =>
      finish({ quiet: true }, async () => {
        const { completeSelectors } = await import('../commands/complete.js');
        return completeSelectors(dir ?? '.');
      }),
    );
}
