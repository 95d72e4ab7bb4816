import { expect, it } from 'vitest';
import { accountingFaults, mappingOf, withProject, type TestProject } from '../support/project.js';
import { rollback } from '../support/rollback.js';

const FILES = {
  source: `create table people (id int primary key, email text, changed timestamptz default now() - interval '2 days');
    insert into people values (1, 'a'), (2, 'a'), (3, 'b'), (5, 'e')`,
  target: 'create table people (id int primary key, email text)',
  mappings: {
    people: `source: { table: people, key: id, changed_at: changed }
target: { table: people, key: id }
max_rejects: 100%
stop_at: 100%
columns: { id: id, email: email }
rules: [{ unique: [email] }]`,
  },
};

const there = async (project: TestProject): Promise<string> =>
  (await project.target('select id, email from people order by id'))
    .map(({ id, email }) => `${String(id)}=${String(email)}`)
    .join(' ');
const open = async (project: TestProject): Promise<readonly string[]> =>
  (await project.target('select source_key from etl.open_rejects order by source_key::int')).map((row) =>
    String(row['source_key']),
  );

it('unique holds for the whole mapping: rows that a delta run or a replay does not read hold what they have', () =>
  withProject(FILES, async (project) => {
    const run = async (): Promise<string> => {
      const result = await project.run();
      expect([result.exitCode, await accountingFaults(project, result)]).toEqual([0, []]);
      expect(mappingOf(result, 'people').checks.filter(({ status }) => status === 'failed')).toEqual([]);
      return result.run;
    };
    const replay = async (): Promise<void> => {
      const { code, output } = await project.spawn(['replay'], 'rejects').ended;
      expect([code, output]).toEqual([0, expect.any(String)]);
    };
    await run();
    expect([await there(project), await open(project)]).toEqual(['1=a 3=b 5=e', ['2']]);

    // What row 1 gives up, row 2 takes; row 4 wants what row 3 has, which the run does not read.
    await project.source(
      "update people set email = 'c', changed = now() where id = 1; insert into people values (4, 'b', now())",
    );
    const delta = await run();
    expect([await there(project), await open(project)]).toEqual(['1=c 2=a 3=b 5=e', ['4']]);

    // Row 3 has given it up in the source alone: a replay reads row 4, and the target still has row 3's.
    await project.source("update people set email = 'd' where id = 3");
    await replay();
    expect([await there(project), await open(project)]).toEqual(['1=c 2=a 3=b 5=e', ['4']]);
    await project.source('update people set changed = now() where id = 3');
    await run();
    expect([await there(project), await open(project)]).toEqual(['1=c 2=a 3=d 4=b 5=e', []]);

    // Taken back to the delta run and before it, and read again, all comes to the same.
    const [last] = await project.target('select run from etl.runs order by epoch desc limit 1');
    await rollback(project, { run: String(last?.['run']) });
    expect(await there(project)).toBe('1=c 2=a 3=b 5=e');
    await rollback(project, { run: delta });
    expect(await there(project)).toBe('1=a 3=b 5=e');
    await run();
    expect([await there(project), await open(project)]).toEqual(['1=c 2=a 3=d 4=b 5=e', []]);
  }));
