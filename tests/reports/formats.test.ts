import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import { FORMATS } from '../../reports/index.js';
import type { Report } from '../../reports/report.js';
import { cleanRun, exceptionsRun, failedRun, filledWith, reportFor, runResult } from './results.js';
import { schemaErrors } from './schema.js';

const RUNS: readonly (readonly [string, RunResult])[] = [
  ['clean', cleanRun()],
  ['with exceptions', exceptionsRun()],
  ['failed', failedRun()],
  ['empty', runResult([])],
];

/** With an exception of every kind, and a run before. */
function full(run: RunResult, text = 'A. Adams'): Report {
  const at = { file: text, line: 1, column: 1, length: 1 };
  const said = { who: text, why: text, until: '2027-01-01', at } as const;
  return reportFor(run, {
    before: cleanRun(),
    gaps: [text],
    exceptions: [
      { ...said, mapping: 'tasks', upTo: 5, what: { kind: 'rule', rule: 'map', column: 'status' } },
      { ...said, mapping: text, upTo: null, what: { kind: 'check', check: text } },
    ],
  });
}

async function printed(format: string, report: Report): Promise<string> {
  const found = FORMATS.find((each) => each.format === format);
  return (await found?.render(report))?.output ?? '';
}

describe('JSON', () => {
  it.each(RUNS)('keeps to the published schema: %s', async (_case, run) => {
    for (const report of [reportFor(run), full(run), full(filledWith('x'))]) {
      expect(schemaErrors(await printed('json', report))).toEqual([]);
    }
  });

  it('would not, with a key that nobody has described', async () => {
    const text = await printed('json', reportFor(cleanRun()));
    expect(schemaErrors(text.replace('"version"', '"verison"'))).toHaveLength(2);
  });
});

const HOSTILE = [
  '<img src=x>',
  '| a | b |',
  '`x` ``y``',
  '*a* _b_ [c](http://d) @e #1',
  '</details>\n\n# x',
  ']]>',
  '\u0000\ud800￿',
];

describe('Markdown', () => {
  it.each(RUNS)('begins with the verdict and keeps its tables whole: %s', async (_case, run) => {
    const report = full(run);
    const text = await printed('markdown', report);
    expect(text.split('\n')[0]).toBe(`# ${report.verdict.name}`);
    expect(brokenTables(text)).toEqual([]);
  });

  it.each(HOSTILE)('prints %j as text', async (text) => {
    const printedText = await printed('markdown', full(filledWith(text), text));
    const outside = printedText.replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '').replace(/\\./g, '');
    expect(outside).not.toMatch(/<(?!\/?(details|summary)>)|\]\(|@\w|\*[ab]\*/);
    // The causes, and where the time went.
    expect(outside.match(/<\/details>/g)?.length).toBe(2);
    expect(brokenTables(printedText)).toEqual([]);
  });

  it('is no longer than a comment may be', async () => {
    const [mapping] = exceptionsRun().mappings;
    const mappings = Array.from({ length: 1600 }, (_, n) => ({
      ...mapping,
      mapping: `mapping number ${String(n)}`,
    }));
    const text = await printed('markdown', reportFor(runResult(mappings as RunResult['mappings'])));
    expect(text.length).toBeLessThan(65_536);
    expect(text.endsWith('HTML and JSON reports._\n')).toBe(true);
  });
});

describe('JUnit', () => {
  it.each([
    ...RUNS,
    ...HOSTILE.map((text): readonly [string, RunResult] => [JSON.stringify(text), filledWith(text)]),
  ])('is well formed: %s', async (_case, run) => {
    const text = await printed('junit', full(run));
    expect(unbalanced(text)).toEqual([]);

    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|&(?!amp;|lt;|gt;|quot;|#10;)/);
    expect(text.isWellFormed()).toBe(true);
  });

  it('fails where the run has failed, and nowhere else', async () => {
    expect(await printed('junit', reportFor(exceptionsRun()))).not.toContain('<failure');
    const failed = await printed('junit', reportFor(failedRun()));
    const cases = [...failed.matchAll(/classname="([^"]*)" name="([^"]*)"[^>]*><failure/g)];
    expect(cases.map(([, suite, name]) => `${suite ?? ''}: ${name ?? ''}`)).toEqual([
      'run: verdict',
      'patients: check sum balance',
      'tasks: load',
      'tasks: accounting',
    ]);
  });
});

/** Lines of tables that have another number of cells than the line before. */
function brokenTables(text: string): readonly string[] {
  const lines = text.split('\n');
  const cells = (line: string): number => line.replace(/\\\|/g, '').split('|').length;
  return lines.filter((line, n) => {
    const before = lines[n - 1] ?? '';
    return line.startsWith('|') && before.startsWith('|') && cells(line) !== cells(before);
  });
}

function unbalanced(source: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [tag, slash, name = ''] of source.matchAll(/<(\/?)([a-z-]+)[^>]*>/g)) {
    if (tag.endsWith('/>')) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}
