import { expect, test } from 'vitest';
import { formatProblems } from '../../engine/mapping/index.js';
import { BASE, load } from './project.js';
import type { Files } from './project.js';

const project = (url: string, more = ''): Files => ({
  ...BASE,
  'etl.yaml': `version: 1\nproject: p\nconnections:\n  source: { url: ${url} }\n  target: { url: b }\n${more}`,
});

test.each([
  {
    name: 'environment',
    url: '"${URL}"',
    env: { URL: 'x' },
    dotenv: '',
    gives: 'x',
    from: 'URL from the environment',
  },
  { name: '.env', url: '"${URL}"', env: {}, dotenv: 'URL="y"', gives: 'y', from: 'URL from .env' },
  {
    name: 'both',
    url: '"${URL}"',
    env: { URL: 'x' },
    dotenv: 'URL=y',
    gives: 'x',
    from: 'URL from the environment',
  },
  {
    name: 'default',
    url: '"${URL:-z}"',
    env: { URL: '' },
    dotenv: '',
    gives: 'z',
    from: 'the default of URL',
  },
  {
    name: 'two',
    url: '"${A}/${B}"',
    env: { A: 'a' },
    dotenv: 'B=b',
    gives: 'a/b',
    from: 'A from the environment, B from .env',
  },
  { name: 'text', url: '"plain"', env: {}, dotenv: '', gives: 'plain', from: 'etl.yaml' },
])('a url from $name', async ({ url, env, dotenv, gives, from }) => {
  const loaded = await load({ ...project(url), '.env': dotenv }, { env });
  expect(loaded.problems).toEqual([]);
  expect(loaded.project?.connections.get('source')).toMatchObject({ url: gives, origin: from });
});

test('a bare variable takes the type that its value has in YAML', async () => {
  const files = project('a', 'defaults:\n  batch_rows: ${ROWS:-500}\n');
  expect((await load(files)).project?.batchRows).toBe(500);
  expect((await load(files, { env: { ROWS: '7' } })).project?.batchRows).toBe(7);
});

test('in a mapping ${…} is text', async () => {
  const text = 'source: { table: "${t}", key: id }\ntarget: { table: t, key: k }\ncolumns: { k: id }\n';
  const { project: loaded } = await load({ ...BASE, 't.yaml': text });
  expect(loaded?.mappings[1]?.source.from).toMatchObject({ table: { value: '${t}' } });
});

const SQL: Files = { 's.sql': '', 't.sql': '' };
const EMBEDDED = 'embedded: { source: s.sql, target: t.sql }\n';

test('embedded: a connection without its variable has an empty url, one with it keeps it', async () => {
  const files = { ...project('"${URL}", ca: "${CA}"', EMBEDDED), ...SQL };
  const { project: loaded, problems } = await load(files, { embedded: true });
  expect(problems).toEqual([]);
  expect(loaded?.connections.get('source')).toMatchObject({ url: '', ca: null, origin: '--embedded' });
  expect(loaded?.connections.get('target')?.url).toBe('b');
  expect((await load(files)).problems.map(({ code }) => code)).toEqual(['ETL-ENV-001', 'ETL-ENV-001']);
});

test('embedded: connections may be left out, embedded may not', async () => {
  const etl = `version: 1\nproject: p\n`;
  const without = await load({ ...BASE, ...SQL, 'etl.yaml': `${etl}${EMBEDDED}` }, { embedded: true });
  expect([...(without.project?.connections.keys() ?? [])]).toEqual(['source', 'target']);
  const { problems } = await load({ ...BASE, 'etl.yaml': etl }, { embedded: true });
  expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'ETL-LANG-002 --embedded needs the key "embedded" in etl.yaml',
  ]);
});

test('secrets are in no problem and in no frame', async () => {
  const files = project(
    '"postgres://me:hunter2@host/db", ssl: "${S}"',
    'defaults: { triggers: "${S}", stop_at: "${S}" }\n',
  );
  const { problems, texts } = await load(files, { env: { S: 's3cret' } });
  const shown = `${formatProblems(problems, texts, { color: false })}${JSON.stringify(problems)}`;
  expect(problems.map(({ code }) => code)).toContain('ETL-LANG-004');
  expect(shown).toContain('postgres://me:*******@host/db');
  expect(shown).not.toMatch(/hunter2|s3cret/);
});
