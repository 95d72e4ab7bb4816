import type { ProblemFormat } from '../../../reports/problems/index.js';
import { EXIT, ProblemsError } from '../../contract/errors.js';
import { out, type Output } from '../io.js';
import { loadFiles } from '../project.js';
import { tuneForSeconds } from '../tuning.js';
import { version } from '../version.js';

/** `etl validate`: everything that can be said of the files without a database. */
export async function validateCommand(
  folder: string,
  format: ProblemFormat | null,
  output: Output,
): Promise<number> {
  tuneForSeconds();
  const { project, problems, texts } = await loadFiles(folder, 'none', output, { tests: true });
  if (format !== null) {
    const { PROBLEM_FORMATS } = await import('../../../reports/problems/index.js');
    const document = PROBLEM_FORMATS[format]({
      problems,
      files: [...texts.keys()],
      version: version(),
      command: 'etl validate',
    });
    if (document !== '') out(document);
    return project === null ? EXIT.usage : EXIT.done;
  }
  if (project === null) throw new ProblemsError(problems);
  const count = project.mappings.length;
  if (output.json) out(JSON.stringify({ version: 1, valid: true, problems, mappings: count }, null, 2));
  else if (!output.quiet) out(`${String(count)} ${count === 1 ? 'mapping' : 'mappings'}, no errors`);
  return EXIT.done;
}
