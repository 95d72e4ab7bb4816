import { readFile, writeFile } from 'node:fs/promises';
import { EXIT, EtlError } from '../contract/errors.js';
import type { EndPoint } from '../contract/result.js';
import { agreed, agreedHash, disagreements, type Agreed } from '../plan/agreed.js';
import type { Prepared } from './prepare.js';
import type { Loaded } from './project.js';
import { version } from './version.js';

/** A plan as `etl plan --out` writes it, as far as a run goes by it. */
export interface PlanFile {
  readonly file: string;
  readonly hash: string;
  readonly project: string;
  readonly selection: readonly string[];
  readonly agreed: Agreed;
}

/** What a plan of this project is agreed to with. */
export function agreedOf(
  { digests }: Loaded,
  { compiled, plan, source, target }: Prepared,
  { selected, embedded }: { readonly selected: ReadonlySet<string>; readonly embedded: boolean },
): Agreed {
  // The embedded server's port is another one each time.
  const place = ({ host, port, database }: EndPoint): string =>
    embedded ? 'embedded' : `${host}:${String(port)}/${database}`;
  return agreed(compiled, plan, {
    files: digests,
    selected,
    crosswalk: version(),
    databases: { source: place(source), target: place(target) },
  });
}

/** Writes a plan with all that it was agreed to with. @param shown what `etl plan --json --explain` shows of it */
export async function writePlan(file: string, loaded: Loaded, facts: Agreed, shown: object): Promise<void> {
  const { name: project } = loaded.project;
  const selection = Object.keys(facts['selection'] ?? {});
  const document = {
    about: 'a plan of etl plan --out: etl run --plan refuses it when something has changed since',
    ...{ version: 1, hash: agreedHash(facts), project, selection, agreed: facts, ...shown },
  };
  await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
}

/** @throws EtlError exit 2 where the file is no plan of the project */
export async function readPlan(file: string): Promise<PlanFile> {
  const wrong = (message: string, cause?: unknown): EtlError =>
    new EtlError(`${file}: ${message}`, {
      exitCode: EXIT.usage,
      help: `etl plan DIR --out ${file} makes one`,
      cause,
    });
  let text: string;
  let document: unknown;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw wrong('the plan cannot be read', cause);
  }
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw wrong('this is no JSON', cause);
  }
  if (!isMap(document) || document['version'] !== 1) throw wrong('this is no plan of this version');
  const { hash, project, selection, agreed: facts } = document;
  const isPlan =
    typeof hash === 'string' && typeof project === 'string' && isTexts(selection) && isAgreed(facts);
  if (!isPlan) throw wrong('this is no plan');
  if (agreedHash(facts) !== hash) throw wrong('the plan was edited: its hash is another one');
  return { file, hash, project, selection, agreed: facts };
}

/** @throws EtlError exit 2 where a run would not do what the plan says, naming what has changed */
export function assertFresh(plan: PlanFile, now: Agreed): void {
  const changes = disagreements(plan.agreed, now);
  if (changes.length === 0) return;
  const shown = changes.slice(0, 20).map((change) => `\n  - ${change}`);
  const more = changes.length > 20 ? `\n  - and ${String(changes.length - 20)} more` : '';
  throw new EtlError(`the plan ${plan.file} is stale; since it was made:${shown.join('')}${more}`, {
    exitCode: EXIT.usage,
    help: `make it again (etl plan DIR --out ${plan.file}), and have it agreed to again; nothing was loaded`,
  });
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const isAgreed = (value: unknown): value is Agreed =>
  isMap(value) &&
  Object.values(value).every(
    (group) => isMap(group) && Object.values(group).every((one) => typeof one === 'string'),
  );
