import { query } from '../support/database.js';
import { createProject, type TestProject } from '../support/project.js';
import { plainMapping, type Case } from './case.js';
import { NAME_CASES } from './names.js';
import { COLUMN_CASES, PARTITION_CASES, RELATION_CASES } from './tables.js';
import { TYPES_CASES, TYPES_SQL } from './types.js';

const CASES: readonly Case[] = [
  ...TYPES_CASES,
  ...PARTITION_CASES,
  ...COLUMN_CASES,
  ...RELATION_CASES,
  ...NAME_CASES,
];

/** The cases that two servers have the features of. @param versions majors */
export const casesOf = (versions: { readonly source: number; readonly target: number }): readonly Case[] =>
  CASES.filter(
    ({ needs }) => versions.source >= (needs?.source ?? 0) && versions.target >= (needs?.target ?? 0),
  );

/** What a superuser's SQL of a source says of the database that it is run in. */
function filledIn(sql: string, url: string): string {
  const { port, pathname, password } = new URL(url);
  return sql
    .replace('%PORT%', port)
    .replace('%DATABASE%', pathname.slice(1))
    .replace('%PASSWORD%', decodeURIComponent(password));
}

/** All of the cases in one pair of databases, whose tables are all published. */
export async function everything(
  cases: readonly Case[],
  servers?: Parameters<typeof createProject>[1],
): Promise<TestProject> {
  const sql = (side: 'source' | 'target'): string =>
    [TYPES_SQL, ...cases.map((one) => one[side])].join(';\n');
  const copies = cases.filter(({ mapping }) => mapping === null).map(({ name }) => name);
  const project = await createProject(
    {
      source: sql('source'),
      target: sql('target'),
      mappings: Object.fromEntries(
        cases.flatMap(({ name, mapping }) =>
          mapping === null ? [] : [[name, mapping ?? plainMapping(JSON.stringify(name))]],
        ),
      ),
      settings: `defaults: { batch_rows: 25 }\ncopy: ${JSON.stringify(copies)}`,
    },
    servers,
  );
  const { databases } = project;
  for (const { sourceAdmin, targetAdmin } of cases) {
    if (sourceAdmin !== undefined) await project.source(filledIn(sourceAdmin, databases.source));
    if (targetAdmin !== undefined) await project.target(targetAdmin);
  }
  for (const url of [databases.sourceAdmin, databases.targetAdmin])
    await query(url, 'create publication everything for all tables');
  return project;
}
