import { fileURLToPath } from 'node:url';
import { formatProblems, loadProject } from '../../../dist/engine/mapping/index.js';
import { STEPS } from '../../../dist/engine/steps/index.js';
import { RULES } from '../../../dist/validators/index.js';

/** The worked example's folder. */
export const CLINIC = fileURLToPath(new URL('../../../mappings', import.meta.url));

/** The option of scripts that build it, for `readOptions`. */
export const SIZES = {
  scale: ['scale', 'sample', 'sample (seconds) or full (1.25 million rows)'],
  seed: ['count', '1', 'other names, amounts and dates; every count stays the same'],
};

/**
 * The worked example as the engine reads it (`Project` of engine/contract/mapping.ts): its mappings, and in `embedded`
 * the files and settings that build its databases. @throws where it has errors
 */
export async function clinicProject({ scale, seed }) {
  const env = { CLINIC_SCALE: scale, CLINIC_SEED: String(seed) };
  const options = { steps: STEPS, rules: RULES, env, embedded: true, cwd: process.cwd() };
  const { project, problems, texts } = await loadProject(CLINIC, options);
  if (project === null) throw new Error(formatProblems(problems, texts, { color: false }));
  return project;
}
