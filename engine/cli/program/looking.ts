import { Option, type Command } from 'commander';
import { common, embeddable, finish, port, rows, type Flags } from './options.js';

/** Commands that show what was done, and what becomes of a row. */
export function addLookingCommands(program: Command): void {
  embeddable(common(program.command('status')))
    .description('runs, mappings, rows, rate, time left; reads only')
    .option('--run <run>', 'this run’s mappings, not the last one’s')
    .option('--watch', 'until the run has ended')
    .option('--audit', 'what was done, by whom and when, and whether its chain of hashes holds')
    .addOption(
      new Option('--format <format>', 'prometheus: metrics, for the textfile collector')
        .choices(['text', 'json', 'prometheus'])
        .default('text'),
    )
    .action((dir: string, { format, ...flags }: Flags) =>
      finish({ ...flags, json: flags.json === true || format === 'json' }, async (output) => {
        const { statusCommand } = await import('../commands/status.js');
        const { run = null, watch = false, audit = false, embedded = false } = flags;
        const prometheus = format === 'prometheus';
        return statusCommand(dir, { run, watch, audit, embedded, prometheus }, output);
      }),
    );

  embeddable(common(program.command('ui')))
    .description('the dashboard: runs, progress, graph, rejects and reports in a browser; reads only')
    .option('--port <n>', 'where it listens; 0 for any that is free', port, 4680)
    .option('--host <address>', 'beyond this machine with a token only', '127.0.0.1')
    .option(
      '--token <token>',
      'asked of whoever comes; auto makes one. Better in CROSSWALK_UI_TOKEN: arguments are seen by others',
    )
    .option('--token-file <file>', 'a file that holds it')
    .option('--open', 'open it in the browser')
    .action((dir: string, flags: Flags) =>
      finish(flags, async (output) => {
        const { uiCommand } = await import('../commands/ui.js');
        const { port: at = 4680, host = '127.0.0.1', token = null, tokenFile = null, open = false } = flags;
        const { embedded = false } = flags;
        return uiCommand(dir, { port: at, host, token, tokenFile, open, embedded }, output);
      }),
    );

  embeddable(common(program.command('rejects')))
    .description('rows that were not loaded: list, show MAPPING KEY, export, replay')
    .argument('[action...]', 'list (default), show MAPPING KEY, export, replay')
    .option('--mapping <mappings...>', 'of these mappings')
    .option('--run <run>', 'of one run, not those that are open')
    .option('--rule <rule>', 'of one step, resolver, rule or constraint')
    .option('--column <column>', 'of one target column')
    .option('--limit <n>', 'so many causes, or rows of an export', rows)
    .addOption(new Option('--format <format>', 'of an export').choices(['csv', 'json']).default('csv'))
    .option('--out <file>', 'a new file in the project folder for an export; left out: stdout')
    .action((dir: string, words: readonly string[], flags: Flags) =>
      finish(flags, async (output) => {
        const { rejectsCommand } = await import('../commands/rejects.js');
        const { mapping = [], run = null, rule = null, column = null, limit = null } = flags;
        const { out: file = null, embedded = false } = flags;
        const format = flags.format === 'json' ? 'json' : 'csv';
        return rejectsCommand(
          dir,
          words,
          { mapping, run, rule, column, limit, format, out: file, embedded },
          output,
        );
      }),
    );

  embeddable(common(program.command('report')))
    .description(
      'the report of a run again, the last one where none is named; from the state, also of one that was killed',
    )
    .argument('[run]', 'its name, as etl.runs has it')
    .option('--format <formats>', 'html, json, markdown, junit, parted by commas', 'html,json')
    .option('--out <folder>', 'where to; - for one document on stdout; default DIR/.etl/reports')
    .action((dir: string, run: string | undefined, flags: Flags) =>
      finish(flags, async (output) => {
        const { reportCommand } = await import('../commands/report.js');
        const { format = 'html,json', out: place = null, embedded = false } = flags;
        return reportCommand(dir, { run: run ?? null, format, out: place, embedded }, output);
      }),
    );

  embeddable(common(program.command('trace')))
    .description(
      'one record from its source row through each step to the target, or to what rejects it; loads nothing',
    )
    .argument('<mapping>', 'the mapping that the record is of')
    .argument(
      '<key...>',
      'its source key: one word, or of several columns as many words, a,b or a JSON array',
    )
    .option('--target', 'the key is that of a row of the target: its identity, or else its target key')
    .option('--show-sensitive', 'values of sensitive columns, too')
    .option('--full', 'compare rows where values must be unique, however many there are')
    .action((dir: string, mapping: string, words: readonly string[], flags: Flags) =>
      finish(flags, async (output) => {
        const { traceCommand } = await import('../commands/trace.js');
        const { embedded = false, target = false, showSensitive = false, full = false } = flags;
        return traceCommand(dir, mapping, words, { embedded, target, showSensitive, full }, output);
      }),
    );
}
