import { answerProject } from './answers/project.js';
import { readRun } from './answers/run.js';
import { answerRuns } from './answers/runs.js';
import type { Desk } from './desk.js';
import { json, Refused, type Reply } from './reply.js';

/** What was asked: the parts of the path that stand in a route's braces, and the query. */
export interface Asked {
  readonly part: (name: string) => string;
  readonly word: (name: string) => string | null;
  /** A whole number from 1, at the most `most`. */
  readonly limit: (usual: number, most: number) => number;
}

type Answer = (desk: Desk, asked: Asked) => Promise<Reply>;

export const noRun = (run: string): Refused =>
  run === 'last'
    ? new Refused(404, 'nothing has been run yet', 'etl run DIR is the first')
    : new Refused(404, `there is no run "${run}"`, 'the list of runs names those that there are');

const ROUTES: readonly (readonly [pattern: string, answer: Answer])[] = [
  ['/api/project', async (desk) => json(await answerProject(desk))],
  [
    '/api/runs',
    async (desk, { word, limit }) => json(await answerRuns(desk, word('before'), limit(20, 100))),
  ],
  [
    '/api/runs/{run}',
    async (desk, { part }) => {
      const read = await desk.read((session, schema) => readRun(session, schema, desk, part('run')));
      const seen = read?.value ?? null;
      if (seen === null) throw noRun(part('run'));
      return json(seen.answer);
    },
  ],
];

const TABLE = ROUTES.map(([pattern, answer]) => ({ parts: pattern.split('/'), answer }));

/** The answer to a path; null where no route is for it. @throws Refused where the path or the query is malformed */
export function route(url: URL, desk: Desk): Promise<Reply> | null {
  const given = url.pathname.split('/');
  for (const { parts, answer } of TABLE) {
    if (parts.length !== given.length) continue;
    const found = new Map<string, string>();
    const fits = parts.every((part, n) => {
      if (!part.startsWith('{')) return part === given[n];
      found.set(part.slice(1, -1), given[n] ?? '');
      return given[n] !== '';
    });
    if (fits) return answer(desk, askedOf(found, url.searchParams));
  }
  return null;
}

function askedOf(parts: ReadonlyMap<string, string>, query: URLSearchParams): Asked {
  return {
    part: (name) => decoded(parts.get(name) ?? ''),
    word: (name) => {
      const value = query.get(name);
      return value === null || value === '' ? null : storable(value);
    },
    limit: (usual, most) => {
      const text = query.get('limit');
      if (text === null) return usual;
      if (!/^[1-9]\d{0,5}$/.test(text)) throw new Refused(400, 'limit is a whole number from 1');
      return Math.min(most, Number(text));
    },
  };
}

function decoded(text: string): string {
  try {
    return storable(decodeURIComponent(text));
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(400, 'the address is not well formed');
  }
}

/** No text of PostgreSQL holds U+0000: it would be an error of the database. */
function storable(text: string): string {
  if (text.includes('\0')) throw new Refused(400, 'the address holds U+0000');
  return text;
}
