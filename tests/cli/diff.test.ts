import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { schemaErrors } from '../reports/schema.js';
import { etl, project, write } from './etl.js';

const ETL = `version: 1
project: trial
connections:
  source: { url: 'postgres://me:hunter2@old/db' }
  target: { url: '\${TARGET}' }
plugins: [own.js]
`;
const ROWS = `source: { table: rows, key: id }
target: { table: rows, key: id }
columns:
  id: id
  name: { from: name, steps: [trim, shout] }
`;
const plugin = (word: string, more = ''): string =>
  `${more}export const steps = { ${word}: { summary: 'x', output: 'text', examples: [{ given: '1', gives: '1' }], make: () => (v) => v.toUpperCase() } };\n`;

function git(folder: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=me', '-c', 'user.email=me@here', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' });
}

const commit = (folder: string, words: string): void => {
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', words);
};

test('a pull request: commits, folders, formats, exit codes, code of plug-ins', async () => {
  const folder = await project({
    'mappings/etl.yaml': ETL,
    'mappings/rows.yaml': ROWS,
    'mappings/own.js': plugin('shout'),
    'README.md': 'x',
  });
  git(folder, 'init', '-q', '-b', 'main');
  commit(folder, 'first');
  const diff = (...flags: readonly string[]): ReturnType<typeof etl> =>
    etl(['diff', 'mappings', ...flags], { cwd: folder });

  const same = await diff('--base', 'main');
  expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('nothing differs')]);

  // The code of base is the working tree's no more: were it run, there would be a file.
  const trap = `import { writeFileSync } from 'node:fs';\nwriteFileSync('${path.join(folder, 'ran')}', '');\n`;
  await write(folder, { 'mappings/own.js': plugin('shout', trap) });
  commit(folder, 'a trap');
  await write(folder, {
    'mappings/own.js': plugin('cry'),
    'mappings/rows.yaml': ROWS.replace('shout', 'cry').replace('  id: id\n', '  id: id\n  more: more\n'),
    'mappings/etl.yaml': ETL.replace('hunter2', 'hunter3'),
  });
  const changed = await diff('--base', 'main', '--json', '--fail-on', 're-transform');
  expect(changed.code, changed.stderr).toBe(6);
  const document = JSON.parse(changed.stdout) as { readonly changes: readonly Record<string, unknown>[] };
  expect(schemaErrors(changed.stdout, 'diff')).toEqual([]);
  expect(document).toMatchObject({
    exit_code: 6,
    worst: 'identity-changing',
    must_run: ['rows'],
    notes: [
      expect.stringMatching(
        /^own\.js of main \([0-9a-f]{7}\) is not the working tree’s: its code was not run/,
      ),
    ],
  });
  expect(document.changes).toMatchObject([
    {
      class: 'identity-changing',
      what: 'connection source: url',
      file: 'mappings/etl.yaml',
      line: 4,
      before: 'a url',
    },
    {
      class: 're-transform',
      what: 'column name: steps',
      file: 'mappings/rows.yaml',
      line: 6,
      mappings: ['rows'],
    },
    { class: 'additive', what: 'column more', file: 'mappings/rows.yaml', line: 5 },
  ]);
  expect(changed.stdout).not.toContain('hunter');
  const github = await diff('--base', 'main', '--format', 'github', '--fail-on', 'destructive');
  expect([github.code, github.stdout]).toEqual([
    0,
    expect.stringContaining('::warning file=mappings/etl.yaml,line=4'),
  ]);
  expect(existsSync(path.join(folder, 'ran'))).toBe(false);

  // Two commits, a branch's own changes, two folders.
  commit(folder, 'mine');
  git(folder, 'branch', 'other', 'HEAD~2');
  expect((await diff('--base', 'HEAD~1', '--head', 'HEAD')).stdout).toContain('column more');
  expect((await diff('--base', 'other...')).stdout).toContain('column more');
  symlinkSync(path.join(folder, 'mappings'), path.join(folder, 'linked'));
  expect((await diff('--base-dir', 'linked')).stdout).toContain('nothing differs');

  // What cannot be compared.
  for (const [flags, words] of [
    [['--base', 'nowhere'], 'git knows no commit "nowhere"'],
    [[], 'compares with one state'],
  ] as const) {
    const failed = await diff(...flags);
    expect([failed.code, failed.stderr]).toEqual([2, expect.stringContaining(words)]);
  }
  await write(folder, { 'mappings/rows.yaml': ROWS.replace('key: id', 'kee: id') });
  const mine = await diff('--base', 'main');
  expect([mine.code, mine.stderr]).toEqual([2, expect.stringContaining('ETL-LANG-001')]);
  commit(folder, 'broken');
  await write(folder, { 'mappings/rows.yaml': ROWS.replace('shout', 'cry') });
  const theirs = await diff('--base', 'HEAD');
  expect([theirs.code, theirs.stderr]).toEqual([
    2,
    expect.stringMatching(/HEAD \(\w+\), which is compared with, cannot be read: \d error/),
  ]);

  // A project that base has not.
  rmSync(path.join(folder, 'linked'));
  await write(folder, {
    'new/etl.yaml': ETL.replace('plugins: [own.js]\n', ''),
    'new/rows.yaml': ROWS.replace(', shout', ''),
  });
  const fresh = await etl(['diff', 'new', '--base', 'main', '--json'], { cwd: folder });
  expect(JSON.parse(fresh.stdout)).toMatchObject({
    counts: { additive: 1 },
    changes: [{ what: 'new mapping' }],
  });
}, 240_000);
