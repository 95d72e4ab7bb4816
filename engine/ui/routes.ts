import type { Session } from '../contract/session.js';
import { findRun } from '../state/kept-run.js';
import { readBatches } from '../state/step-details.js';
import { answerAudit } from './answers/audit.js';
import { answerComparison } from './answers/compare.js';
import { answerMapping } from './answers/mapping.js';
import { answerMetrics } from './answers/metrics.js';
import { answerProject } from './answers/project.js';
import { answerRejects, kindOf } from './answers/rejects.js';
import { answerReport } from './answers/report.js';
import { answerRow } from './answers/row.js';
import { readRun, type SeenRun } from './answers/run.js';
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

const noRun = (run: string): Refused =>
  run === 'last'
    ? new Refused(404, 'nothing has been run yet', 'etl run DIR is the first')
    : new Refused(404, `there is no run "${run}"`, 'the list of runs names those that there are');

/** @throws Refused where the run is not there */
async function readSeen(desk: Desk, run: string): Promise<SeenRun> {
  const read = await desk.read((session, schema) => readRun(session, schema, desk, run));
  const seen = read?.value ?? null;
  if (seen === null) throw noRun(run);
  return seen;
}

/** An answer about a run, given its own name. @throws Refused where the run is not there */
async function ofRun(
  desk: Desk,
  run: string,
  work: (name: string, session: Session, schema: string) => Promise<unknown>,
): Promise<Reply> {
  const read = await desk.read(async (session, schema) => {
    const name = await findRun(session, schema, desk.site.project.name, run === 'last' ? null : run);
    return name === null ? null : { answer: await work(name, session, schema) };
  });
  const found = read?.value ?? null;
  if (found === null) throw noRun(run);
  return json(found.answer);
}

/** @throws Refused where the query does not say it */
function needed(word: Asked['word'], name: string): string {
  const value = word(name);
  if (value === null) throw new Refused(400, `the query has to say ${name}=`);
  return value;
}

const ROUTES: readonly (readonly [pattern: string, answer: Answer])[] = [
  ['/api/project', async (desk) => json(await answerProject(desk))],
  [
    '/api/runs',
    async (desk, { word, limit }) => json(await answerRuns(desk, word('before'), limit(20, 100))),
  ],
  ['/api/runs/{run}', async (desk, { part }) => json((await readSeen(desk, part('run'))).answer)],
  [
    '/api/runs/{run}/graph',
    async (desk, { part }) => {
      // Drawn when the connection is free again.
      const seen = await readSeen(desk, part('run'));
      return json(await desk.drawings.of(seen.answer.mappings));
    },
  ],
  [
    '/api/runs/{run}/mappings/{mapping}',
    async (desk, { part }) => {
      const asked = { run: part('run'), mapping: part('mapping') };
      const read = await desk.read((session, schema) => answerMapping(desk, session, schema, asked));
      const found = read?.value ?? null;
      if (found === null) throw new Refused(404, `run "${asked.run}" has no mapping "${asked.mapping}"`);
      return json(found);
    },
  ],
  [
    '/api/runs/{run}/batches',
    async (desk, { part, word, limit }) => {
      const page = { after: word('after'), limit: limit(100, 1000) };
      if (page.after !== null && !/^\d{1,18}$/.test(page.after)) {
        throw new Refused(400, 'after is what a page before has given as "next"');
      }
      const mapping = needed(word, 'mapping');
      return ofRun(desk, part('run'), async (run, session, schema) => {
        const of = { run, mapping };
        const found = await readBatches(session, schema, of, { ...page, limit: page.limit + 1 });
        const batches = found.slice(0, page.limit);
        return { batches, next: found.length > page.limit ? (batches.at(-1)?.transaction ?? null) : null };
      });
    },
  ],
  [
    '/api/runs/{run}/rejects',
    async (desk, { part, word, limit }) => {
      const filter = {
        ...{ project: desk.site.project.name, kind: kindOf(word('kind')) },
        ...{ mapping: word('mapping'), column: word('column'), rule: word('rule') },
        ...{ key: word('key'), text: word('text') },
      };
      const page = { after: word('after'), limit: limit(100, 1000) };
      return ofRun(desk, part('run'), (run, session, schema) =>
        answerRejects(desk, session, schema, { ...filter, run }, page),
      );
    },
  ],
  [
    '/api/runs/{run}/row',
    async (desk, { part, word }) => {
      const of = { mapping: needed(word, 'mapping'), key: needed(word, 'key') };
      return ofRun(desk, part('run'), (run, session, schema) =>
        answerRow(desk, session, schema, { run, ...of }),
      );
    },
  ],
  [
    '/api/audit',
    async (desk, { word, limit }) => json(await answerAudit(desk, word('before'), limit(100, 1000))),
  ],
  [
    '/api/compare',
    async (desk, { word }) => {
      const runs = { a: needed(word, 'a'), b: needed(word, 'b') };
      const read = await desk.read((session, schema) => answerComparison(desk, session, schema, runs));
      const found = read?.value ?? null;
      if (found === null) throw new Refused(404, `there are no two runs "${runs.a}" and "${runs.b}"`);
      return json(found);
    },
  ],
  ['/metrics', (desk) => answerMetrics(desk)],
  ['/reports/{file}', (desk, { part }) => answerReport(desk, part('file'))],
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
