import { EXIT } from '../../contract/errors.js';
import { loadProject } from '../../mapping/index.js';
import { STEPS } from '../../steps/index.js';
import { RULES } from '../../../validators/index.js';
import { out } from '../io.js';

/** What `--select` takes in a project, a line each; of a folder that is none, or is faulty, nothing and no complaint. */
export async function completeSelectors(folder: string): Promise<number> {
  const options = { steps: STEPS, rules: RULES, env: process.env, cwd: process.cwd() };
  const { project } = await loadProject(folder, { ...options, embedded: false, offline: true });
  if (project === null) return EXIT.done;
  const { mappings, phases } = project;
  const tags = [...new Set(mappings.flatMap((mapping) => mapping.tags))].sort();
  const words = [
    ...mappings.map(({ name }) => name),
    ...tags.map((tag) => `tag:${tag}`),
    ...phases.map((phase) => `phase:${phase}`),
  ];
  // A name with a space or a quote would be several words to a shell.
  out(words.filter((word) => /^[\w.:/-]+$/.test(word)).join('\n'));
  return EXIT.done;
}
