import { EXIT } from '../../contract/errors.js';
import { out, type Output } from '../io.js';
import { readProject } from '../project.js';

/** `etl validate`: everything that can be said of the files without a database. */
export async function validateCommand(folder: string, output: Output): Promise<number> {
  const { project, problems } = await readProject(folder, 'none', output);
  const count = project.mappings.length;
  if (output.json) out(JSON.stringify({ version: 1, valid: true, problems, mappings: count }, null, 2));
  else if (!output.quiet) out(`${String(count)} ${count === 1 ? 'mapping' : 'mappings'}, no errors`);
  return EXIT.done;
}
