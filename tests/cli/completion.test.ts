import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT, etl } from './etl.js';

const MAIN = path.join(CHECKOUT, 'dist/engine/cli/main.js');
const isHere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const ETL = `etl() { "${process.execPath}" "${MAIN}" "$@"; }`;

/** What bash offers for a line that was typed so far. */
function completed(line: string): readonly string[] {
  const script = `${ETL}
    source <(etl completion bash)
    COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDBREAKS=' :'
    read -ra COMP_WORDS <<< "$1"
    case "$1" in *' ') COMP_WORDS+=('') ;; esac
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _etl
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['-c', script, 'bash', line], { cwd: CHECKOUT, encoding: 'utf8' });
  return text.trim().split('\n');
}

describe('completion', () => {
  test.runIf(isHere('bash')).each([
    ['etl gr', ['graph']],
    ['etl run mappings --sel', ['--select']],
    ['etl run mappings --select pat', ['patients']],
    ['etl run mappings --select patients +doc', ['+doctors']],
    ['etl run mappings --exclude tag:', ['high-volume']],
    ['etl run map', ['mappings']],
    ['etl run nowhere --select x', ['']],
  ])('bash: %s', (line, words) => {
    expect(completed(line)).toEqual(words);
  });

  test.each(['zsh', 'fish'].filter(isHere))('%s reads its script', async (shell) => {
    const { stdout } = await etl(['completion', shell]);
    expect(spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
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
