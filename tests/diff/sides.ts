import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sideOf, type LoadedSide } from '../../engine/cli/diff/sides.js';
import type { Change, ProjectDiff } from '../../engine/contract/diff.js';
import { diffProjects } from '../../engine/diff/diff.js';
import { loadProject } from '../../engine/mapping/index.js';
import { loadParser, SqlTrees } from '../../engine/sql/index.js';
import { STEPS } from '../../engine/steps/index.js';
import { RULES } from '../../validators/index.js';

/** A file of the project, and what is replaced in it; without `from` the whole file; `to` null: the file goes. */
export interface Edit {
  readonly file: string;
  readonly from?: string;
  readonly to: string | null;
}

const trees = new SqlTrees(await loadParser());

async function side(folder: string, cwd: string, name: string): Promise<LoadedSide> {
  const loaded = await loadProject(folder, {
    steps: STEPS,
    rules: RULES,
    env: {},
    embedded: false,
    offline: true,
    cwd,
  });
  const { project, problems } = loaded;
  if (project === null) {
    throw new Error(
      problems.map((one) => `${one.at?.file ?? ''}:${String(one.at?.line ?? 0)} ${one.message}`).join('\n'),
    );
  }
  return sideOf({ folder, cwd, name }, loaded, project);
}

/** What edits change, and the line of the file that a change names. */
export interface Outcome {
  readonly diff: ProjectDiff;
  readonly lineAt: (change: Change) => string;
}

/** A project whose files are edited, and compared with what they were. */
export class Edited {
  private constructor(
    private readonly root: string,
    private readonly base: LoadedSide,
  ) {}

  static async of(folder: string): Promise<Edited> {
    const base = await side(folder, path.dirname(folder), 'base');
    const root = temporaryRoot();
    cpSync(folder, path.join(root, path.basename(folder)), {
      recursive: true,
      filter: (file) => path.basename(file) !== '.etl',
    });
    return new Edited(root, base);
  }

  /** What edits change; the files are put back. @throws where one does not find its text, or nothing loads */
  async after(edits: readonly Edit[]): Promise<Outcome> {
    const folder = path.join(this.root, path.basename(this.base.project.folder));
    const undo: (() => void)[] = [];
    try {
      for (const { file, from, to } of edits) {
        const absolute = path.join(folder, file);
        let text: string | null = null;
        try {
          text = readFileSync(absolute, 'utf8');
        } catch {
          mkdirSync(path.dirname(absolute), { recursive: true });
        }
        const old = text;
        undo.push(() => {
          if (old === null) rmSync(absolute);
          else writeFileSync(absolute, old);
        });
        if (from !== undefined && text?.includes(from) !== true) throw new Error(`${file} has no "${from}"`);
        if (to === null) rmSync(absolute);
        else writeFileSync(absolute, from === undefined ? to : (text ?? '').replace(from, () => to));
      }
      const head = await side(folder, this.root, 'head');
      const lineAt = ({ at, side: from }: Change): string =>
        (from === 'head' ? head : this.base).texts.get(at.file)?.split('\n')[at.line - 1] ??
        [...head.tables].find(([file]) => file.endsWith(at.file))?.[1].split('\n')[at.line - 1] ??
        '';
      return { diff: diffProjects(this.base, head, trees), lineAt };
    } finally {
      for (const back of undo.reverse()) back();
    }
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A folder for files of a test. */
export const temporaryRoot = (): string => mkdtempSync(path.join(os.tmpdir(), 'crosswalk-diff-test-'));

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
}

/** Edits that change texts beside each other go together, so that few states are loaded; `alike` keeps two apart. */
export function inRounds<T extends { readonly edits: readonly Edit[] }>(
  folder: string,
  cases: readonly T[],
  alike: (a: T, b: T) => boolean,
): readonly (readonly T[])[] {
  const range = ({ file, from }: Edit): readonly [number, number] => {
    if (from === undefined) return [0, Infinity];
    const at = readFileSync(path.join(folder, file), 'utf8').indexOf(from);
    return [at, at + from.length];
  };
  const meet = (a: Edit, b: Edit): boolean => {
    if (a.file !== b.file) return false;
    const [[start, end], [from, to]] = [range(a), range(b)];
    return start < to && from < end;
  };
  const rounds: T[][] = [];
  for (const one of cases) {
    // Files that come or go change what others refer to.
    const isAlone = (each: T): boolean => each.edits.length > 1 || each.edits.some(({ to }) => to === null);
    const round = rounds.find((others) =>
      others.every(
        (other) =>
          !isAlone(one) &&
          !isAlone(other) &&
          !alike(one, other) &&
          !one.edits.some((a) => other.edits.some((b) => meet(a, b))),
      ),
    );
    if (round === undefined) rounds.push([one]);
    else round.push(one);
  }
  return rounds;
}
