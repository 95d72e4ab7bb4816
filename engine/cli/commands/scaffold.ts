import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, EtlError } from '../../contract/errors.js';
import { shownPath } from '../../mapping/index.js';
import { MEMORY_FILE, memoryText } from '../../scaffold/memory.js';
import { scaffold, sketch, type Scaffolded } from '../../scaffold/scaffold.js';
import { mappingText } from '../../scaffold/write.js';
import { openDatabases } from '../databases.js';
import { emptyProject, SCHEMAS } from '../init/files.js';
import { err, out, type Output } from '../io.js';
import { readProject, type Loaded } from '../project.js';
import { gather, lookAt, withSides } from '../scaffold/gather.js';
import { scaffoldJson, scaffoldText, type Written } from '../scaffold/text.js';

export interface ScaffoldFlags {
  readonly embedded: boolean;
  /** The zone of the source's local times; null where nobody has said it. */
  readonly timezone: string | null;
}

/** `etl scaffold`: mappings from the two live schemas; a later call adds what is new. Reads both databases only. */
export async function scaffoldCommand(folder: string, flags: ScaffoldFlags, output: Output): Promise<number> {
  checkZone(flags.timezone);
  const begun = await begin(path.resolve(folder), flags.embedded);
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output, {
    mayBeEmpty: true,
  });
  const databases = await openDatabases(loaded.project, flags.embedded, output.quiet ? () => undefined : err);
  try {
    await withSides(databases, async (source, target) => {
      const input = await gather(loaded, source, target, flags.timezone);
      const sketched = sketch(input);
      const done = scaffold(input, sketched, await lookAt(source, sketched));
      const written = await write(loaded, done, begun);
      out(
        output.json
          ? JSON.stringify(scaffoldJson(sketched, done, written), null, 2)
          : scaffoldText(sketched, done, written, folder),
      );
    });
  } finally {
    await databases.close();
  }
  // Whatever is wrong with what was written is said now, not by the next command.
  await readProject(folder, 'none', output, { mayBeEmpty: true });
  return EXIT.done;
}

/** @throws EtlError where nobody knows the zone */
function checkZone(zone: string | null): void {
  if (zone === null) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    const help = 'name it as the IANA does: --timezone America/New_York';
    throw new EtlError(`there is no time zone "${zone}"`, { exitCode: EXIT.usage, help });
  }
}

/** Makes what a project begins with where the folder has no etl.yaml; gives the files made, absolute. */
async function begin(folder: string, embedded: boolean): Promise<readonly string[]> {
  if (existsSync(path.join(folder, 'etl.yaml'))) return [];
  if (embedded) {
    throw new EtlError('--embedded needs an etl.yaml that says what it builds (embedded:)', {
      exitCode: EXIT.usage,
      help: `etl init makes one; without --embedded, etl scaffold does`,
    });
  }
  const made: string[] = [];
  for (const [file, text] of Object.entries(emptyProject(folder))) {
    const place = path.join(folder, file);
    if (await create(place, text)) made.push(place);
  }
  return made;
}

/** Writes a new file; false where one stands. */
async function create(file: string, text: string): Promise<boolean> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function write({ project }: Loaded, done: Scaffolded, begun: readonly string[]): Promise<Written> {
  const { folder } = project;
  const schema = existsSync(path.join(folder, SCHEMAS)) ? `${SCHEMAS}/mapping.schema.json` : null;
  const made = [...begun];
  const [extended, refused]: [string[], string[]] = [[], []];
  for (const draft of done.drafts) {
    const file = path.join(folder, `${draft.mapping}.yaml`);
    const list = (await create(file, mappingText(draft, schema))) ? made : refused;
    list.push(file);
  }
  for (const draft of done.withoutSource) {
    const file = path.join(folder, `${draft.mapping}.yaml.todo`);
    if (await create(file, mappingText(draft, null))) made.push(file);
  }
  for (const { standing, text } of done.extensions) {
    if (standing.file === null || text === null) refused.push(standing.mapping.file);
    else {
      await replace(standing.file.path, text);
      extended.push(standing.file.path);
    }
  }
  await replace(path.join(folder, MEMORY_FILE), memoryText(done.memory));
  const shown = (file: string): string => shownPath(file, process.cwd());
  return { made: made.map(shown), extended: extended.map(shown), refused: refused.map(shown) };
}

/** The whole text or none of it, whatever happens in the middle. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${String(process.pid)}.tmp`;
  await writeFile(draft, text);
  await rename(draft, file);
}
