import { mkdtempSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EXIT, EtlError, ProblemsError } from '../../contract/errors.js';
import type { Project } from '../../contract/mapping.js';
import type { SideInput } from '../../diff/side.js';
import { formatProblems, loadProject, shownPath, type LoadedProject } from '../../mapping/index.js';
import { STEPS } from '../../steps/index.js';
import { RULES } from '../../../validators/index.js';
import { showProblems } from '../project.js';
import { err, type Output } from '../io.js';
import { exportCommit, findCommit } from './git.js';

/** What is compared with what. */
export interface Sought {
  /** The project's folder. */
  readonly folder: string;
  /** A ref, or another folder in place of git. */
  readonly base: { readonly ref: string } | { readonly folder: string };
  /** Null for the working tree. */
  readonly head: string | null;
}

/** A state of the project as the comparison needs it, and as it was loaded. */
export interface LoadedSide extends SideInput {
  readonly loaded: LoadedProject & { readonly project: Project };
}

export interface Sides {
  readonly base: LoadedSide;
  readonly head: LoadedSide;
  /** What could not be looked at, for people. */
  readonly notes: readonly string[];
  /** Takes temporary folders away. */
  close(): Promise<void>;
}

/** A folder with one state of the project's files. */
interface Place {
  readonly folder: string;
  /** What paths are shown relative to: the same words on both sides. */
  readonly cwd: string;
  readonly name: string;
  readonly isEmpty: boolean;
}

/**
 * Loads both states by the one loader, offline. Code of plug-ins is run where it is the working tree's, byte for byte,
 * and from there; else it is read alone.
 * @throws EtlError exit 2 where base cannot be read; ProblemsError where head has problems
 */
export async function loadSides({ folder, base, head }: Sought, output: Output): Promise<Sides> {
  const here = path.resolve(folder);
  const way = path.relative(process.cwd(), here);
  const isInside = way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
  const cwd = isInside ? process.cwd() : path.dirname(here);
  const temporary: string[] = [];
  const place = (fill: (to: string) => { readonly name: string; readonly isEmpty: boolean }): Place => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'crosswalk-diff-'));
    temporary.push(root);
    const inner = path.join(root, 'state');
    const to = path.join(inner, path.relative(cwd, here));
    return { folder: to, cwd: inner, ...fill(to) };
  };
  const commitPlace = (ref: string): Place => {
    const commit = findCommit(here, ref);
    return place((to) => {
      mkdirSync(to, { recursive: true });
      return { name: commit.name, isEmpty: exportCommit(commit, to) === 0 };
    });
  };
  const close = async (): Promise<void> => {
    for (const one of temporary) await rm(one, { recursive: true, force: true });
  };
  try {
    const working = { folder: here, cwd, name: 'the working tree', isEmpty: false };
    const [headPlace, basePlace] = [
      head === null ? working : commitPlace(head),
      'ref' in base ? commitPlace(base.ref) : place((to) => linkTo(path.resolve(base.folder), to)),
    ];
    const env = await environment(here);
    // Two commits: only what the working tree has, too, is run.
    const vetted = head === null ? null : (await load(working, env, new Map())).modules;
    const now = await load(headPlace, env, vetted);
    showProblems(now.problems, now.texts, output);
    if (now.project === null) throw new ProblemsError(now.problems);
    const after = sideOf(headPlace, now, now.project);
    const notes = unrunNotes(headPlace, now);
    if (basePlace.isEmpty) {
      const note = `${basePlace.name} has no such folder: everything in it is new`;
      return { base: emptySide(after, basePlace.name), head: after, notes: [...notes, note], close };
    }
    const old = await load(basePlace, env, vetted ?? now.modules);
    if (old.project === null) throw unloadable(basePlace, old, output);
    return {
      base: sideOf(basePlace, old, old.project),
      head: after,
      notes: [...notes, ...unrunNotes(basePlace, old)],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function linkTo(folder: string, to: string): { readonly name: string; readonly isEmpty: boolean } {
  mkdirSync(path.dirname(to), { recursive: true });
  symlinkSync(folder, to, 'dir');
  return { name: shownPath(folder, process.cwd()), isEmpty: false };
}

/** The process's environment and the working tree's .env, which no commit has: both sides read it alike. */
async function environment(folder: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    const text = readFileSync(path.join(folder, '.env'), 'utf8');
    return { ...(await import('dotenv')).parse(text), ...process.env };
  } catch {
    return process.env;
  }
}

const load = (
  { folder, cwd }: Place,
  env: Readonly<Record<string, string | undefined>>,
  vetted: ReadonlyMap<string, string> | null,
): Promise<LoadedProject> =>
  loadProject(folder, {
    ...{ steps: STEPS, rules: RULES, env, embedded: false, offline: true, cwd },
    ...(vetted === null ? {} : { vetted }),
  });

/** A loaded state with what the comparison needs besides. */
export function sideOf(
  { folder, cwd, name }: Omit<Place, 'isEmpty'>,
  loaded: LoadedProject,
  project: Project,
): LoadedSide {
  const shown = (absolute: string): string => shownPath(absolute, cwd);
  const files = project.mappings.flatMap(({ columns }) =>
    columns.flatMap(({ resolver }) =>
      resolver?.kind === 'lookup' && resolver.lookup.from.kind === 'file' ? [resolver.lookup.from.file] : [],
    ),
  );
  return {
    ...{ project, name, hash: loaded.hash, texts: loaded.texts, shown, loaded: { ...loaded, project } },
    tables: new Map([...new Set(files)].map((file) => [file, readFileSync(file, 'utf8')])),
    etl: shown(path.join(folder, 'etl.yaml')),
  };
}

/** Head's project without its mappings: what there was before the folder was. */
function emptySide(head: LoadedSide, name: string): LoadedSide {
  const project = { ...head.project, mappings: [] };
  return { ...head, name, hash: '', project, tables: new Map(), loaded: { ...head.loaded, project } };
}

const unrunNotes = ({ name }: Place, { unrun }: LoadedProject): readonly string[] =>
  unrun.length === 0
    ? []
    : [
        `${unrun.join(', ')} of ${name} is not the working tree’s: its code was not run, and its steps and rules are taken as they are written`,
      ];

function unloadable({ name }: Place, { problems, texts }: LoadedProject, output: Output): EtlError {
  err(formatProblems(problems, texts, { color: output.color }));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return new EtlError(
    `${name}, which is compared with, cannot be read: ${String(errors)} ${errors === 1 ? 'error' : 'errors'}`,
    {
      exitCode: EXIT.usage,
      help: 'the problems above are those of that state, not of yours: compare with one that etl validate accepts',
    },
  );
}
