// node tests/bench/late.mjs: rows that are rejected after they were loaded, since what they refer to is rejected, and
// those that refer to them, however deep; against the same rows where every reference is there.
import { ETL, withBed } from './lib/bed.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { expectCounts, ratioGoal, tell } from './lib/script.mjs';

const options = readOptions('node tests/bench/late.mjs', 'late rejects against a load without any', {
  chain: ['count', '20000', 'rows of a chain whose last row refers to none'],
  tree: ['count', '75000', 'rows whose parents are a permutation of them, but for 40'],
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { chain, tree, rounds, server, latency: latencyMs } = options;

/** `shape` → rows, and what the parent of the row `i` is where the orphans have none and where all have one. */
const SHAPES = {
  chain: { rows: chain, orphans: 'i + 1', clean: `nullif(i + 1, ${chain + 1})` },
  tree: {
    rows: tree,
    orphans: `nullif((i * 7919::bigint) % ${tree + 40}, 0)`,
    clean: `case when (i * 7919::bigint) % ${tree + 40} between 1 and ${tree} then (i * 7919::bigint) % ${tree + 40} end`,
  },
  // Every other row is of another mapping.
  pair: { rows: chain, orphans: 'i + 1', clean: `nullif(i + 1, ${chain + 1})`, mappings: ['even', 'odd'] },
};

const shapes = Object.entries(SHAPES);
const tables = (make) =>
  shapes.flatMap(([shape, { mappings = [''] }]) => mappings.map((part) => make(shape, part))).join(';\n');

const source = [
  ...shapes.flatMap(([shape, { rows, mappings = [''], ...ups }]) =>
    ['orphans', 'clean'].flatMap((kind) =>
      mappings.map((part, n) => {
        const which = mappings.length === 1 ? '' : `where i % 2 = ${n}`;
        return `create table ${shape}_${kind}${part} (id int primary key, up int);
          insert into ${shape}_${kind}${part} select i, ${ups[kind]} from generate_series(1, ${rows}) i ${which}`;
      }),
    ),
  ),
  'analyze',
].join(';\n');

const target = [
  tables(
    (shape, part) =>
      `create table ${shape}${part} (id int generated always as identity primary key, legacy int unique, up int)`,
  ),
  ...shapes.flatMap(([shape, { mappings = [''] }]) =>
    mappings.map(
      (part, n) =>
        `alter table ${shape}${part} add foreign key (up) references ${shape}${mappings[(n + 1) % mappings.length]}`,
    ),
  ),
].join(';\n');

const mapping = (shape, kind, mappings, n) => `source: { table: ${shape}_${kind}${mappings[n]}, key: id }
target: { table: ${shape}${mappings[n]}, key: legacy, identity: id }
columns: { legacy: id, up: { from: up, references: ${shape}${mappings[(n + 1) % mappings.length]} } }
max_rejects: 100%
stop_at: 100%
`;

await withBed({ server, latencyMs, source, target }, async (bed) => {
  const contestants = shapes.flatMap(([shape, { rows, mappings = [''] }]) =>
    ['orphans', 'clean'].map((kind) => {
      const place = bed.project({
        'etl.yaml': ETL,
        ...Object.fromEntries(
          mappings.map((part, n) => [`${shape}${part}.yaml`, mapping(shape, kind, mappings, n)]),
        ),
      });
      return {
        name: `${shape} ${kind}`,
        before: bed.reset,
        run: () => runEtl(['run', place], { urls: bed.urls }),
        check: ({ summary }) => {
          const counts = kind === 'clean' ? { rejected: 0 } : shape === 'tree' ? {} : { inserted: 0 };
          const read = rows / mappings.length;
          for (const part of mappings) expectCounts(summary, `${shape}${part}`, { read, ...counts });
        },
      };
    }),
  );
  const { found, memory } = await figuresOf(contestants, { rounds });
  tell(
    'Late rejects',
    bed.version,
    contestants.map(({ name }) => [name, found[name], memory[name]]),
    shapes.map(([shape, { rows }]) =>
      ratioGoal(
        `${rows.toLocaleString('en')} rows, ${shape}: with orphans / without`,
        null,
        found[`${shape} orphans`],
        found[`${shape} clean`],
      ),
    ),
  );
});
