import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { etl } from '../cli/etl.js';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

const SOURCE = `create table visits (id int primary key, record text, seen_on date, changed timestamptz default '2020-01-01');
  insert into visits values (1, ' 1042 ', '2026-11-20'), (2, '12a', '2026-11-20'), (3, '7', '2026-11-22'), (4, null, null)`;
const TARGET = 'create table visits (id int primary key, record text, seen_on date)';

/** The blocks of docs/plugins.md in one language. */
async function blocks(language: string): Promise<readonly string[]> {
  const page = await readFile('docs/plugins.md', 'utf8');
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
}

it('the example of docs/plugins.md runs as it stands', async () => {
  const [settings = '', mapping = ''] = await blocks('yaml');
  const [module = ''] = await blocks('js');
  const files = {
    source: SOURCE,
    target: TARGET,
    mappings: { 'plugins/clinic.js': module, visits: `max_rejects: 100%\nstop_at: 100%\n${mapping}` },
    settings,
  };
  await withProject(files, async (project) => {
    const result = await project.run();
    expect(await accountingFaults(project, result)).toEqual([]);
    expect(await project.target('select id, record from visits order by id')).toEqual([
      { id: 1, record: 'NY-1042-5' },
      { id: 4, record: null },
    ]);
    const said = mappingOf(result, 'visits').rejects.map(({ column, rule, samples }) => [
      column,
      rule,
      samples[0]?.reason,
    ]);
    expect(said).toEqual([
      ['record', 'record_number', '"12a" is no record number'],
      ['seen_on', 'weekday(seen_on)', '2026-11-22 is a Sunday'],
    ]);
    // Editors know them, too.
    const schema = await etl(['schema', 'mapping', project.folder]);
    expect(JSON.parse(schema.stdout)).toBeTypeOf('object');
    expect(schema.stdout).toContain('"record_number"');
    expect(schema.stdout).toContain('"weekday"');
  });
});

const step = (body: string, more = ''): string =>
  `export const steps = { odd: { summary: 'Odd.', ${more}examples: [{ given: 'ok', gives: 'ok' }],
     make: () => (value) => { if (value === 'ok') return value; ${body} } } };\n`;

const MAPPING = `
source: { table: visits, key: id, changed_at: changed }
target: { table: visits, key: id }
max_rejects: 100%
stop_at: 100%
columns: { id: id, record: { from: record, steps: [odd] } }
`;

it('whatever a step does in a row, the row alone is rejected; another text of the module is another mapping', async () => {
  const files = {
    source: SOURCE,
    target: TARGET,
    mappings: {
      visits: MAPPING,
      'plugins/odd.mjs': `import { answer } from './lib/answer.mjs';\n${step('return answer(value);')}`,
      'plugins/lib/answer.mjs': `export const answer = (value) => {
        switch (value) {
          case ' 1042 ': throw new Error('no more');
          case '12a': return Promise.resolve('x');
          case '7': return 0.1;
        }
      };`,
    },
    settings: 'plugins: [plugins/odd.mjs]',
  };
  await withProject(files, async (project) => {
    const first = await project.run();
    expect(
      mappingOf(first, 'visits').rejects.flatMap(({ samples }) => samples.map(({ reason }) => reason)),
    ).toEqual([
      'no more',
      'it gave a promise: a step or rule must not be async',
      'it gave the number 0.1, which is neither text, null, a whole number nor { reject: "why" }',
    ]);
    await project.source("update visits set record = 'fine' where id < 4");
    await project.write('plugins/lib/answer.mjs', 'export const answer = () => null;');
    expect(mappingOf(await project.run(), 'visits').readFrom).toBeNull();
    await project.write('plugins/odd.mjs', step('return value.toUpperCase();'));
    const second = await project.run();
    expect(mappingOf(second, 'visits').readFrom).toBeNull();
    expect(countsOf(second, 'visits')).toBe('read 4, inserted 3, unchanged 1');
    const third = await project.run();
    expect(mappingOf(third, 'visits').readFrom).not.toBeNull();
  });
});

it('says what is wrong with a module', async () => {
  const files = { source: SOURCE, target: TARGET, mappings: { visits: MAPPING } };
  await withProject({ ...files, settings: 'plugins: [odd.mjs]' }, async (project) => {
    const table: readonly (readonly [text: string, said: RegExp])[] = [
      ['export const steps = {', /ETL-PLUG-001 odd.mjs cannot be loaded/],
      ["import './not-there.mjs';", /ETL-PLUG-001 .*not-there/],
      ['export const other = 1;', /ETL-PLUG-002 odd.mjs exports neither steps nor rules/],
      ['export const steps = { odd: 1 };', /ETL-PLUG-002 .*the step "odd" is no object/],
      [step('').replace('() =>', 'async () =>'), /ETL-PLUG-002 .*async function/],
      [step('').replace('() => (', '() => async ('), /ETL-PLUG-002 .*async function/],
      [step('', 'sumary: 1, '), /ETL-PLUG-002 .*unknown key "sumary"/],
      [step('', "argument: { type: 'txt' }, "), /ETL-PLUG-002 .*no JSON Schema/],
      [step('').replace("'Odd.'", "''"), /ETL-PLUG-002 .*has no summary/],
      [step('').replace('odd:', 'trim:'), /ETL-PLUG-003 odd.mjs: there is a step "trim" already/],
      [step('').replace('odd:', 'ood:'), /ETL-STEP-001 unknown step "odd"/],
      [step('').replace("gives: 'ok'", "gives: 'no'"), /ETL-PLUG-004 .*example 1: it gives "ok", not "no"/],
      [step('', 'argument: {}, '), /ETL-STEP-002 the step "odd" needs an argument/],
    ];
    for (const [text, said] of table) {
      await project.write('odd.mjs', text);
      await expect(project.run(), text).rejects.toThrow(said);
    }
    await project.write(
      'odd.mjs',
      step(
        '',
        "argument: { type: 'object', required: ['a'], properties: { a: { minimum: 3 } } }, ",
      ).replaceAll('{ given', '{ argument: { a: 3 }, given'),
    );
    await project.write('visits', MAPPING.replace('[odd]', '[{ odd: { a: 2 } }]'));
    await expect(project.run()).rejects.toThrow('ETL-STEP-002 "a" must be >= 3');
    await project.write('etl.yaml', 'version: 1\nproject: x\nplugins: [../out.js, gone.js, visits.yaml]\n');
    await expect(project.run()).rejects.toThrow(
      /leads out of the project folder[^]*gone.js[^]*no JavaScript module/,
    );
  });
});
