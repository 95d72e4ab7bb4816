import { setFlagsFromString } from 'node:v8';
import type { ProblemFormat } from '../../../reports/problems/index.js';
import { EXIT, ProblemsError } from '../../contract/errors.js';
import { out, type Output } from '../io.js';
import { loadFiles } from '../project.js';
import { version } from '../version.js';

/**
 * Has V8 wait seven times as long as of itself before it optimises a function: a command that is over in half a
 * second ends before that pays. 40 mappings: 0.52 s in place of 0.68, 400 mappings: no difference. Only where it was
 * tried (Node 20): another V8 may not know the flag, and says so on stderr.
 */
function optimiseLater(): void {
  if (!process.versions.v8.startsWith('11.3.')) return;
  setFlagsFromString('--interrupt-budget=1000000');
  // The SQL parser's WebAssembly likewise: 0.25 s of 0.9 went into optimising what 40 pieces of SQL run through.
  setFlagsFromString('--liftoff-only');
}

/** `etl validate`: everything that can be said of the files without a database. */
export async function validateCommand(
  folder: string,
  format: ProblemFormat | null,
  output: Output,
): Promise<number> {
  optimiseLater();
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
