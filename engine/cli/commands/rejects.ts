import path from 'node:path';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Project } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import { chainOf } from '../../state/chain.js';
import { countRejects, readRejects } from '../../state/rejects.js';
import { err, out, type Output } from '../io.js';
import { readProject } from '../project.js';
import { readState } from '../reading.js';
import { exportFile, rejectJson, writeRejects } from '../rejects/export.js';
import { filterOf, type RejectsFlags } from '../rejects/flags.js';
import { listJson, listText } from '../rejects/list.js';
import { replay } from '../rejects/replay.js';
import { showText } from '../rejects/show.js';

/** Causes that are listed where nothing else is asked for. */
const CAUSES = 50;

const usage = (message: string, help: string): EtlError =>
  new EtlError(message, { exitCode: EXIT.usage, help });

/** `etl rejects`: rows that were not loaded, and another try at them. Gives the exit code. */
export async function rejectsCommand(
  folder: string,
  words: readonly string[],
  flags: RejectsFlags,
  output: Output,
): Promise<number> {
  const [action = 'list', ...rest] = words;
  const actions = ['list', 'show', 'export', 'replay'];
  if (!actions.includes(action))
    throw usage(
      `"${action}" is nothing to do with rejects`,
      actions.includes(folder)
        ? `the folder comes first: etl rejects ${action} ${folder}`
        : `there are ${actions.join(', ')}`,
    );
  if (rest.length !== (action === 'show' ? 2 : 0)) {
    throw usage(
      action === 'show' ? 'show needs a mapping and a key' : `${action} takes no "${rest.join(' ')}"`,
      `etl rejects ${folder} show MAPPING KEY; of a composite key the JSON array, as the list has it`,
    );
  }
  if (action === 'replay') {
    if (flags.run !== null || flags.rule !== null || flags.column !== null || flags.limit !== null)
      throw usage('replay takes every open reject of a mapping', 'choose mappings with --mapping');
    return replay(folder, flags, output);
  }
  const { project } = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const read = await readState(project, flags.embedded, async (session, schema) => {
    if (action === 'list') await list(session, schema, project, folder, flags, output);
    else if (action === 'export') await exportTo(session, schema, project, flags, output);
    else await show(session, schema, project, { flags, mapping: rest[0] ?? '', key: rest[1] ?? '' }, output);
  });
  if (read === null)
    out(
      output.json
        ? JSON.stringify(listJson(project.name, null, { groups: [], total: 0 }), null, 2)
        : 'nothing has been run yet',
    );
  return EXIT.done;
}

async function list(
  session: Session,
  schema: string,
  project: Project,
  folder: string,
  flags: RejectsFlags,
  output: Output,
): Promise<void> {
  const found = await countRejects(session, schema, filterOf(project.name, flags), flags.limit ?? CAUSES);
  const width = process.stdout.isTTY ? process.stdout.columns : 160;
  out(
    output.json
      ? JSON.stringify(listJson(project.name, flags.run, found), null, 2)
      : listText(folder, flags.run, found, width),
  );
}

async function exportTo(
  session: Session,
  schema: string,
  project: Project,
  flags: RejectsFlags,
  output: Output,
): Promise<void> {
  const file = flags.out === null ? null : await exportFile(project.folder, flags.out, flags.format);
  const rejects = readRejects(session, schema, filterOf(project.name, flags), flags.limit);
  await writeRejects(rejects, output.json && file === null ? 'json' : flags.format, file);
  if (file === null) return;
  const shown = path.relative(process.cwd(), file);
  if (output.json) out(JSON.stringify({ version: 1, project: project.name, file: shown }, null, 2));
  if (!output.quiet) err(`written to ${shown}`);
}

async function show(
  session: Session,
  schema: string,
  project: Project,
  { flags, mapping, key }: { readonly flags: RejectsFlags; readonly mapping: string; readonly key: string },
  output: Output,
): Promise<void> {
  const chain = await chainOf(session, schema, project, { run: flags.run, mapping, key });
  if (chain.length === 0) {
    const where = flags.run === null ? '' : ` in run ${flags.run}`;
    throw usage(
      `no row ${key} of mapping ${mapping} was rejected${where}`,
      'etl rejects DIR lists what there is',
    );
  }
  if (!output.json) {
    out(showText(chain));
    return;
  }
  const rejects = chain.map(rejectJson).join(',\n');
  out(`{"version":1,"project":${JSON.stringify(project.name)},"rejects":[\n${rejects}\n]}`);
}
