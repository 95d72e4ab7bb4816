// node tests/bench/validate.mjs: `etl validate` of a project of 40 mappings, the whole process.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ETL } from './lib/bed.mjs';
import { ratio } from './lib/figures.mjs';
import { generate } from './lib/generated.mjs';
import { readOptions } from './lib/options.mjs';
import { runEtl, runNode } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { tell } from './lib/script.mjs';

const options = readOptions('node tests/bench/validate.mjs', 'etl validate, the whole process', {
  mappings: ['count', '40', 'generated mappings'],
  rounds: ['count', '9', 'rounds that count'],
});

const folder = mkdtempSync(path.join(tmpdir(), 'crosswalk-bench-'));
try {
  const place = path.join(folder, 'project');
  mkdirSync(place);
  for (const [name, text] of Object.entries({ 'etl.yaml': ETL, ...generate(options.mappings).mappings })) {
    writeFileSync(path.join(place, name), text);
  }
  const nothing = () => undefined;
  const isValid = ({ summary }) => {
    if (summary.valid !== true) throw new Error(`the project is not valid: ${JSON.stringify(summary)}`);
  };
  const { found, memory } = await figuresOf(
    [
      { name: 'node', before: nothing, run: () => runNode(['-e', '0']), check: nothing },
      {
        name: 'validate',
        before: nothing,
        // The two are never opened, only named.
        run: () =>
          runEtl(['validate', place], {
            urls: { source: 'postgres://no.where/s', target: 'postgres://no.where/t' },
          }),
        check: isValid,
      },
    ],
    { rounds: options.rounds },
  );
  tell(
    `etl validate, ${options.mappings} mappings`,
    null,
    [
      ['`node -e 0`', found.node, memory.node],
      ['`etl validate`', found.validate, memory.validate],
    ],
    [
      ['seconds, whole process', '≤ 0.6', found.validate.median.toFixed(2)],
      ['validate / `node -e 0`', '', ratio(found.validate.median / found.node.median)],
    ],
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
