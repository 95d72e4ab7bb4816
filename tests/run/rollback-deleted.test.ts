import { expect, it } from 'vitest';
import { withProject } from '../support/project.js';
import { dump, lines, rollback } from '../support/rollback.js';

it.for([
  'target: { table: thing, key: id }',
  'target: { table: thing, identity: { column: id, strategy: mapped } }',
])(
  'rows that a run deleted because their source was gone come back, as rows of the run before: %s',
  (target) =>
    withProject(
      {
        source: `create table item (id int primary key, up int); insert into item select i, nullif(i / 2, 0) from generate_series(1, 20) i`,
        target: 'create table thing (id int primary key, up int references thing)',
        mappings: {
          item: `source: { table: item, key: id }\n${target}\ndeleted_rows: delete\ncolumns: { id: id, up: { from: up, references: item } }\n`,
        },
      },
      async (project) => {
        const empty = await dump(project);
        await project.run();
        const before = await dump(project);
        const pairs = await project.target('select * from etl.key_map order by 3');
        await project.source(
          'delete from item where id in (9, 18, 19, 20); update item set up = 1 where id = 8',
        );
        await project.run();
        expect((await dump(project))['public.thing']).toHaveLength(16);
        expect(lines(await rollback(project))).toEqual(['item: restored 1, reinserted 4']);
        expect(await dump(project)).toEqual(before);
        expect(await project.target('select * from etl.key_map order by 3')).toEqual(pairs);
        expect(lines(await rollback(project))).toEqual(['item: deleted 20']);
        expect(await dump(project)).toEqual(empty);
      },
    ),
);
