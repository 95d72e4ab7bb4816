import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabases, type Databases } from '../support/database.js';
import { etl, project, write } from './etl.js';
import { expectNoTrace, SMALL, SMALL_SQL } from './small.js';

let databases: Databases;
let env: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases(SMALL_SQL);
  env = { SOURCE_DATABASE_URL: databases.source, TARGET_DATABASE_URL: databases.target };
});
afterAll(() => databases.drop());

const changed = (url: string, change: (url: URL) => void): string => {
  const copy = new URL(url);
  change(copy);
  return copy.href;
};

describe('a connection that cannot be had is one message', () => {
  test.each<[string, (url: URL) => void, number, string, string]>([
    [
      'wrong password',
      (url) => (url.password = 'wrong'),
      2,
      'password authentication failed',
      'check user and password',
    ],
    [
      'no such database',
      (url) => (url.pathname = '/nowhere'),
      2,
      'database "nowhere" does not exist',
      'check the database name',
    ],
    ['no server', (url) => (url.port = '1'), 3, 'ECONNREFUSED', 'is the server running'],
    [
      'no such host',
      (url) => (url.host = 'no-such-host.invalid'),
      2,
      'no-such-host.invalid',
      'check its spelling',
    ],
    [
      'another database system',
      (url) => (url.href = 'mysql://u:secret@h/d'),
      2,
      '"mysql://" is no PostgreSQL URL',
      'postgresql://',
    ],
  ])('%s', async (_, change, code, said, help) => {
    const url = changed('postgres://u:secret@h:1/d', (copy) => {
      copy.href = databases.source;
      change(copy);
    });
    const ended = await etl(['run', await project(SMALL), '--json'], {
      env: { ...env, SOURCE_DATABASE_URL: url },
    });
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain('"source"');
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).toContain(help);
    const lines = ended.stderr.trim().split('\n');
    // A server that is not there may be starting: that it is tried again is told, too.
    expect(lines.filter((line) => !line.includes('trying again'))).toHaveLength(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ version: 1, error: { exit_code: code } });
    expect(ended.stdout + ended.stderr).not.toMatch(/secret|wrong@/);
    expectNoTrace(ended);
  });
});

describe('what the databases know better', () => {
  type Edit = [from: string, to: string];
  test.each<[string, Edit, string, string]>([
    ['no such target column', ['  name:', '  nmae:'], 'ETL-BIND-005', 'did you mean "name"?'],
    ['no such target table', ['table: people', 'table: poeple'], 'ETL-BIND-004', 'did you mean "people"?'],
    ['no such source table', ['table: person', 'table: persons'], 'ETL-BIND-001', 'did you mean "person"?'],
    ['no such source column', ['full_name', 'fullname'], 'ETL-BIND-003', 'did you mean "full_name"?'],
    ['a column that must be mapped', ['  name: full_name\n', ''], 'ETL-BIND-006', 'add "name" to columns'],
    [
      'SQL of a column',
      ['full_name', '{ sql: upper(full_nmae) }'],
      'ETL-BIND-002',
      'column "full_nmae" does not exist',
    ],
    [
      'SQL of a query',
      ['table: person', 'query: "select id, full_name, born, team from persn"'],
      'ETL-BIND-002',
      'relation "persn" does not exist',
    ],
  ])('%s: a frame at the line', async (_, [from, to], code, said) => {
    const files = { ...SMALL, 'people.yaml': SMALL['people.yaml'].replace(from, to) };
    const ended = await etl(['run', await project(files)], { env });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(`error[${code}]`);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).toMatch(/ --> .*\/people\.yaml:\d+:\d+\n/);
    expectNoTrace(ended);
  });

  test('an error in a long query is shown at its line', async () => {
    const query = `source:\n  query: |\n    select id, full_name, born, team,\n      nothing\n    from person\n  key: id`;
    const files = { ...SMALL, 'people.yaml': SMALL['people.yaml'].replace(/source: .*/, query) };
    const ended = await etl(['run', await project(files)], { env });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/people\.yaml:4:\d+\n/);
    expect(ended.stderr).toContain('column "nothing" does not exist');
  });
});

describe('a run', () => {
  test('plan: the steps in their order, for people and for scripts', async () => {
    const folder = await project(SMALL);
    const text = await etl(['plan', folder], { env });
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(
      /^ +1\. load teams \(about [\d,]+ rows\)\n +2\. load people \(about 1,000 rows\) after teams\n2 loads in 2 waves, about \d+ s \(.*\), plan [0-9a-f]{12}\n$/,
    );
    const { stdout } = await etl(['plan', folder, '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      steps: [
        { id: 'load teams', kind: 'load', needs: [], wave: 1 },
        { id: 'load people', mapping: 'people', needs: ['load teams'], estimatedRows: 1000, wave: 2 },
      ],
    });
  });

  test('without a terminal: plain lines, no colours, the report named as it can be opened', async () => {
    const folder = await project(SMALL);
    const ended = await etl(['run', path.basename(folder)], {
      env: { ...env, TERM: 'xterm-256color' },
      cwd: path.dirname(folder),
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
    expect(ended.stderr).toMatch(/✓ people +1,000 rows/);
    const report = /^Report: (.*)$/m.exec(ended.stdout)?.[1] ?? '';
    expect(report.startsWith(path.basename(folder))).toBe(true);
    expect(await readFile(path.join(path.dirname(folder), report), 'utf8')).toContain('<html');
  });

  test('--quiet leaves the result alone on stdout, --json one document', async () => {
    const ended = await etl(['run', await project(SMALL), '--quiet', '--json'], { env });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'succeeded', exit_code: 0, reasons: [] });
  });

  test('rejects above the threshold are exit 4, and the summary says so', async () => {
    const files = {
      ...SMALL,
      'teams.yaml': `${SMALL['teams.yaml']}rules: [{ accepted_values: { column: name, values: [red] } }]\n`,
    };
    const folder = await project({
      ...files,
      'etl.yaml': `${SMALL['etl.yaml']}defaults: { max_rejects: 0, stop_at: '100%' }\n`,
    });
    const ended = await etl(['run', folder, '--json', '--select', 'teams'], { env });
    expect(ended.code, ended.stderr).toBe(4);
    expect(JSON.parse(ended.stdout)).toMatchObject({ exit_code: 4, verdict: 'NO-GO' });
  });

  test('a .etl that cannot be written costs log and report, not the run', async () => {
    const folder = await project({ ...SMALL, '.etl': 'a file' });
    const ended = await etl(['run', folder], { env });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('no log is written');
    expect(ended.stderr).toContain('the report could not be written');
    expectNoTrace(ended);
  });
});

describe('surroundings', () => {
  test.each(['with spaces and (brackets) ', 'Übung-日本-'])('a path %j', async (name) => {
    const folder = await project(SMALL, name);
    const ended = await etl(['run', folder], { env, cwd: '/' });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain(folder.slice(1));
  });

  test('no HOME, no LANG, another folder', async () => {
    const ended = await etl(['run', await project(SMALL)], { env: { ...env, HOME: undefined }, cwd: '/' });
    expect(ended.code, ended.stderr).toBe(0);
  });

  test('.env beside etl.yaml; the environment goes before it', async () => {
    const folder = await project(SMALL);
    const lines = [
      `SOURCE_DATABASE_URL=${databases.source}`,
      'TARGET_DATABASE_URL=postgres://nobody@127.0.0.1:1/x',
    ];
    await write(folder, { '.env': `${lines.join('\n')}\n` });
    const ended = await etl(['plan', folder], { env: { TARGET_DATABASE_URL: databases.target } });
    expect(ended.code, ended.stderr).toBe(0);
  });
});
