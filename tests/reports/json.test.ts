import { describe, expect, it } from 'vitest';
import { jsonReport, summary } from '../../reports/json.js';
import { cleanRun, exceptionsRun, failedRun, reportFor } from './results.js';

/** The keys of cli.md, "The summary that run --json prints", in its order. */
const RUN_KEYS = ['run', 'status', 'exit_code', 'duration_ms', 'mappings'];
const MAPPING_KEYS =
  'mapping status phase read inserted updated unchanged skipped rejected unexplained references checks duration_ms bytes'.split(
    ' ',
  );

describe('summary', () => {
  it('has the promised keys first and in order, others after them', () => {
    const run = summary(reportFor(exceptionsRun()));
    expect(Object.keys(run).slice(0, RUN_KEYS.length)).toEqual(RUN_KEYS);
    for (const mapping of run.mappings) {
      expect(Object.keys(mapping).slice(0, MAPPING_KEYS.length)).toEqual(MAPPING_KEYS);
    }
    const tasks = run.mappings.find((mapping) => mapping.mapping === 'tasks');
    expect(Object.keys(tasks?.references[0] ?? {})).toEqual([
      'column',
      'mapping',
      'resolved',
      'null',
      'defaulted',
      'missing',
    ]);
    expect(Object.keys(tasks?.checks[0] ?? {})).toEqual(['check', 'status', 'source', 'target']);
  });

  it('says how it ended', () => {
    expect(summary(reportFor(failedRun()))).toMatchObject({
      status: 'failed',
      exit_code: 3,
      verdict: 'NO-GO',
    });
    expect(summary(reportFor(cleanRun()))).toMatchObject({
      status: 'succeeded',
      exit_code: 0,
      verdict: 'GO',
      reasons: [],
    });
  });

  it('names the report where there is one', () => {
    expect(summary(reportFor(cleanRun()), '/tmp/report.html')).toHaveProperty('report', '/tmp/report.html');
    expect(summary(reportFor(cleanRun()))).not.toHaveProperty('report');
  });

  it('shows of an end point only what may be shown', async () => {
    const run = cleanRun();
    const source = { ...run.provenance.source, password: 'hunter2' };
    const report = reportFor({ ...run, provenance: { ...run.provenance, source } });
    expect((await jsonReport.render(report)).output).not.toContain('hunter2');
  });

  it('keeps every text through JSON, hostile names included', async () => {
    const skippedBy: Readonly<Record<string, number>> = { ['__proto__']: 3 };
    const [first] = cleanRun().mappings;
    if (first === undefined) throw new Error('the clean run has mappings');
    const { output } = await jsonReport.render(
      reportFor({ ...cleanRun(), mappings: [{ ...first, skippedBy }] }),
    );
    expect(output).toContain('"__proto__": 3');
    expect(output.endsWith('}\n')).toBe(true);
  });
});
