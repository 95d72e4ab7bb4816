import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKOUT, etl } from './etl.js';

const isHere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** How each shell is asked what it offers for a line that was typed so far, a word a line. */
const SHELLS: Readonly<Record<string, (line: string) => readonly string[]>> = {
  bash: (line) => [
    '-c',
    `source <(etl completion bash)
    COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDBREAKS=' :'
    read -ra COMP_WORDS <<< "$1"
    case "$1" in *' ') COMP_WORDS+=('') ;; esac
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _etl
    printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    line,
  ],
  zsh: (line) => ['-f', path.join(CHECKOUT, 'tests/cli/completed.zsh'), line],
  fish: (line) => ['-N', '-c', `etl completion fish | source; complete -C '${line}'`],
};

/** A folder with a command `etl` that knows what the real one has said of scripts and selectors: it takes seconds. */
let bin: string;

beforeAll(async () => {
  bin = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-completion-'));
  const asked = [...Object.keys(SHELLS).map((shell) => ['completion', shell]), ['complete', 'mappings']];
  for (const words of asked) await writeFile(path.join(bin, words.join(' ')), (await etl(words)).stdout);
  expect((await etl(['complete', 'nowhere'])).stdout).toBe('');
  await writeFile(path.join(bin, 'etl'), `#!/bin/sh\ncat '${bin}'/"$1 $2"\n`, { mode: 0o755 });
});
afterAll(() => rm(bin, { recursive: true, force: true }));

/** What a shell that is installed offers, sorted; descriptions and the slash behind a folder apart. */
function completed(shell: string, line: string): readonly string[] {
  const args = SHELLS[shell]?.(line) ?? [];
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const text = execFileSync(shell, args, { cwd: CHECKOUT, encoding: 'utf8', timeout: 50_000, env });
  const words = text.split('\n').map((word) => word.replace(/\t.*/, '').replace(/\/$/, ''));
  return words.filter((word) => word !== '').sort();
}

/** What a line is to give; bash counts a colon as the end of a word. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['etl gr', ['graph']],
  ['etl run mappings --sel', ['--select']],
  ['etl run mappings --select patien', ['patients']],
  ['etl run mappings --select patients +doctor_', ['+doctor_settings']],
  ['etl run mappings --select phase:c', ['phase:clinical', 'phase:core']],
  ['etl run mappings --exclude tag:h', ['tag:high-volume']],
  ['etl graph mappings --format m', ['mermaid']],
  ['etl run map', ['mappings']],
  ['etl run nowhere --select x', []],
];

describe('completion', () => {
  describe.each(Object.keys(SHELLS).filter(isHere))('%s', (shell) => {
    test.each(CASES)('%s', (line, words) => {
      const shown = shell === 'bash' ? words.map((word) => word.replace(/^.*:/, '')) : words;
      expect(completed(shell, line)).toEqual(shown);
    });
  });

  test('every shell has a script, others an error', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await etl(['completion', shell]);
      expect([code, stdout.includes('rollback')]).toEqual([0, true]);
    }
    const { stdout } = await etl(['completion', 'fish', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, shell: 'fish' });
    expect(stdout).toContain('complete -c etl');
    const { code, stderr } = await etl(['completion', 'csh']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('there are bash, zsh, fish')]);
  });
});
