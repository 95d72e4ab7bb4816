import { EXIT, EtlError } from '../../contract/errors.js';
import { suggest } from '../../contract/suggest.js';
import { SCHEMA_NAMES, schemaOf } from '../../mapping/schemas.js';
import { STEPS } from '../../steps/index.js';
import { RULES } from '../../../validators/index.js';
import { out, type Output } from '../io.js';
import { readProject } from '../project.js';

/**
 * `etl schema`: the JSON Schema of a kind of files, for editors.
 * @param folder a project, whose plugins' steps and rules are in it, too
 * @throws EtlError for an unknown kind, or a project with problems
 */
export async function schemaCommand(
  kind: string,
  folder: string | undefined,
  output: Output,
): Promise<number> {
  const own = folder === undefined ? null : (await readProject(folder, 'none', output)).registries;
  const schema = schemaOf(kind, own ?? { steps: STEPS, rules: RULES });
  if (schema === undefined) {
    const near = suggest(kind, SCHEMA_NAMES);
    const help = near === null ? `there are ${SCHEMA_NAMES.join(', ')}` : `did you mean "${near}"?`;
    throw new EtlError(`there is no schema "${kind}"`, { exitCode: EXIT.usage, help });
  }
  out(JSON.stringify(schema, null, 2));
  return EXIT.done;
}
