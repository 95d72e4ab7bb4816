import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../reports/index.js';
import { closingText } from '../../reports/text.js';
import { cells } from '../../reports/text/width.js';
import {
  cleanRun,
  exceptionsRun,
  failedRun,
  filledWith,
  mappingResult,
  rejectGroup,
  reportFor,
  runResult,
} from './results.js';

const plain = { color: false, width: 80, report: null };

describe('the closing text', () => {
  it('is a table, the verdict and the path', () => {
    expect(closingText(reportFor(cleanRun()), { ...plain, report: '/tmp/report.html' })).toBe(
      [
        '  mapping      read  inserted  updated  unchanged  skipped  rejected   time',
        '✓ roles          12        12        0          0        0         0   80ms',
        '✓ patients   48,210    48,210        0          0        0         0  964ms',
        '✓ payments   91,004    91,004        0          0        0         0   1.8s',
        '  total     139,226   139,226        0          0        0         0   3.0s',
        '',
        'GO  5 of 5 checks passed, 3.0s, run 2026-11-22T09-30-00-7f3a',
        '',
        'Report: /tmp/report.html',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['exceptions', exceptionsRun(), 80],
    ['exceptions, wide', exceptionsRun(), 120],
    ['failed', failedRun(), 80],
  ])('keeps within its width: %s', (_case, run, width) => {
    const lines = closingText(reportFor(run), { ...plain, width }).split('\n');
    expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(width);
  });

  it('names the largest causes with line and example, and counts the rest', () => {
    const rejects = Array.from({ length: 12 }, (_, index) =>
      rejectGroup({ column: `c${String(index)}`, count: index + 1 }),
    );
    const text = closingText(
      reportFor(runResult([mappingResult('tasks', 100, { rejected: 78, inserted: 22, rejects })])),
      plain,
    );
    expect(text).toContain(
      '  12  tasks.c11  map  mappings/business/tasks.yaml:24\n      key 1023: the map has no entry for "X" (value X)',
    );
    expect(text).toContain('  and 2 more causes with 3 rows');
    expect(text.indexOf('tasks.c11')).toBeLessThan(text.indexOf('tasks.c10'));
    expect(text).not.toMatch(/tasks\.c[01] /);
  });

  it('prints neither counts nor time of a mapping that was not run', () => {
    expect(closingText(reportFor(failedRun()), plain)).toMatch(/^- files$/m);
  });

  it('colours only when told to, and lets no value drive the terminal', () => {
    expect(closingText(reportFor(exceptionsRun()), { ...plain, color: true })).toContain('\u001b[33m');
    expect(closingText(reportFor(filledWith('\u001b[2Jx\r')), plain)).not.toMatch(/[\u001b\r]/);
  });
});

describe('the list of formats', () => {
  it.each(FORMATS)('$format gives a document of its own', async ({ format, render }) => {
    const { output, mediaType, extension } = await render(reportFor(exceptionsRun()));
    expect(output.length).toBeGreaterThan(500);
    expect([format, mediaType, extension].every((text) => text.length > 0)).toBe(true);
  });

  it('has no format twice', () => {
    expect(FORMATS.map(({ format }) => format)).toEqual(['html', 'json', 'markdown', 'junit']);
  });
});
