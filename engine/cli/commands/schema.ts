import { EXIT, EtlError } from '../../contract/errors.js';
import { suggest } from '../../contract/suggest.js';
import { SCHEMA_NAMES, schemaOf } from '../../mapping/schemas.js';
import { STEPS } from '../../steps/index.js';
import { RULES } from '../../../validators/index.js';
import { out } from '../io.js';

/** `etl schema`: the JSON Schema of a kind of files, for editors. @throws EtlError for an unknown kind */
export function schemaCommand(kind: string): number {
  const schema = schemaOf(kind, { steps: STEPS, rules: RULES });
  if (schema === undefined) {
    const near = suggest(kind, SCHEMA_NAMES);
    const help = near === null ? `there are ${SCHEMA_NAMES.join(', ')}` : `did you mean "${near}"?`;
    throw new EtlError(`there is no schema "${kind}"`, { exitCode: EXIT.usage, help });
  }
  out(JSON.stringify(schema, null, 2));
  return EXIT.done;
}
