import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { etl, project, temporary } from './etl.js';
import { expectNoTrace, SMALL } from './small.js';

describe('the words of a command', () => {
  test.each<[string[], string]>([
    [[], 'Usage: etl [options] [command]'],
    [['frobnicate'], "error: unknown command 'frobnicate'"],
    [['run'], "error: missing required argument 'dir'"],
    [['run', 'x', '--frob'], "error: unknown option '--frob'"],
    [['run', 'x', 'y'], 'error: too many arguments'],
    [['run', 'x', '--jobs', '0'], "'0' is invalid. It is a whole number from 1 to 999."],
    [['run', 'x', '--jobs', 'many'], "'many' is invalid"],
    [['run', 'x', '--select'], "error: option '--select <selectors...>' argument missing"],
  ])('%j is exit 2', async (args, said) => {
    const ended = await etl(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(said);
    expectNoTrace(ended);
  });

  test.each<[string[], RegExp]>([
    [['--help'], /^Usage: etl/],
    [['run', '--help'], /^Usage: etl run \[options\] <dir>/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j is exit 0 and stands on stdout', async (args, said) => {
    const ended = await etl(args);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(said);
  });

  test('with --json the document of a failure stands on stdout', async () => {
    const ended = await etl(['run', 'x', '--frob', '--json']);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toEqual({
      version: 1,
      error: { message: "unknown option '--frob'", help: null, exit_code: 2 },
    });
  });
});

const ENV = {
  SOURCE_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/s',
  TARGET_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/t',
};
type Edit = [from: string, to: string];

describe('mistakes in the files', () => {
  test.each<[string, keyof typeof SMALL, Edit, string, string]>([
    ['a key', 'people.yaml', ['source:', 'sorce:'], 'ETL-LANG-001', 'did you mean "source"?'],
    ['a step', 'people.yaml', ['parse_date', 'parsedate'], 'ETL-STEP-001', 'did you mean "parse_date"?'],
    [
      'a mapping',
      'people.yaml',
      ['references: teams', 'references: taems'],
      'ETL-REF-003',
      'did you mean "teams"?',
    ],
    ['YAML', 'teams.yaml', ["{ '*': same_name }", "{ '*': same_name"], 'ETL-YAML-001', 'teams.yaml'],
    ['a key of etl.yaml', 'etl.yaml', ['project:', 'projekt:'], 'ETL-LANG-001', 'did you mean "project"?'],
  ])('%s: one problem, with a frame', async (_, file, [from, to], code, said) => {
    const folder = await project({ ...SMALL, [file]: SMALL[file].replace(from, to) });
    const ended = await etl(['run', folder], { env: ENV });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(`error[${code}]`);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).toMatch(/ --> .*\.yaml:\d+:\d+\n/);
    expect(ended.stderr).toMatch(/\^[^]*\n1 error\n$/);
    expectNoTrace(ended);
  });

  test('validate, plan and run say the same', async () => {
    const folder = await project({ ...SMALL, 'etl.yaml': SMALL['etl.yaml'].replace('small', '{}') });
    const [validate, ...others] = await Promise.all(
      ['validate', 'plan', 'run'].map((command) => etl([command, folder], { env: ENV })),
    );
    expect(validate?.code).toBe(2);
    expect(others).toEqual([validate, validate]);
  });

  test('with --json they are data, and still readable on stderr', async () => {
    const folder = await project({
      ...SMALL,
      'teams.yaml': SMALL['teams.yaml'].replace('key: id', 'kee: id'),
    });
    const ended = await etl(['validate', folder, '--json']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('error[ETL-LANG-001]');
    const document: unknown = JSON.parse(ended.stdout);
    expect(document).toMatchObject({
      version: 1,
      valid: false,
      error: { exit_code: 2 },
      problems: [{ code: 'ETL-LANG-001', severity: 'error', help: 'did you mean "key"?', at: { line: 1 } }],
    });
  });

  test('a missing etl.yaml names the folder', async () => {
    const folder = await project(SMALL);
    await rm(path.join(folder, 'etl.yaml'));
    const ended = await etl(['run', folder]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`${folder}/etl.yaml`);
  });

  test('a missing folder is named as it was given', async () => {
    const ended = await etl(['run', '/nowhere/mappings']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('the project folder "/nowhere/mappings" cannot be read');
  });

  test('a missing variable is named with its line; validate needs none', async () => {
    const folder = await project(SMALL);
    const ended = await etl(['run', folder]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('the variable SOURCE_DATABASE_URL has no value');
    expect(ended.stderr).toContain('etl.yaml:4:19');
    expect(ended.stderr).toContain('the variable TARGET_DATABASE_URL has no value');
    expect(await etl(['validate', folder])).toEqual({
      code: 0,
      signal: null,
      stdout: '2 mappings, no errors\n',
      stderr: '',
    });
  });

  test.each([
    [['--select', 'peeple'], 'the selector "peeple" matches no mapping', 'did you mean "people"?'],
    [['--select', 'tag:x'], 'the selector "tag:x" matches no mapping', 'there are people, teams'],
    [['--exclude', 'x'], 'the selector "x" matches no mapping', 'there are people, teams'],
  ])('%j is no successful run of nothing', async (flags, said, help) => {
    const ended = await etl(['run', await project(SMALL), ...flags], { env: ENV });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).toContain(help);
  });
});

/** Of a file of the bundle all that went into it; of another one itself. */
function sourcesOf(url: string): readonly string[] {
  const map = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
  if (!existsSync(map)) return [url];
  return (JSON.parse(readFileSync(map, 'utf8')) as { sources: readonly string[] }).sources;
}

test('validate loads neither drivers nor logs nor reports', async () => {
  const folder = await temporary();
  const hook = `export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }`;
  const register = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook)}');`;
  const ended = await etl(['validate', await project(SMALL)], {
    cwd: folder,
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(register)}` },
  });
  const loaded = ended.stderr.split('\n').flatMap(sourcesOf);
  expect(loaded.filter((file) => file.endsWith('/engine/mapping/load.ts'))).toHaveLength(1);
  expect(loaded.filter((file) => /winston|\/pg\/|log-update|\/(reports|run|embedded)\//.test(file))).toEqual(
    [],
  );
});
