import { expect, test } from 'vitest';
import type { Problem } from '../../engine/contract/problem.js';
import { PROBLEM_FORMATS } from '../../reports/problems/index.js';

const at = { file: 'mappings/a b,c.yaml', line: 3, column: 5, length: 4 };

const PROBLEMS: readonly Problem[] = [
  { code: 'ETL-LANG-004', severity: 'warning', message: 'a warning' },
  {
    code: 'ETL-REF-003',
    severity: 'error',
    message: '100% <wrong> & "bad"\u0007',
    at,
    help: 'did you mean "patients"?',
    related: [{ at: { ...at, line: 9 }, message: 'a needs b' }],
  },
];

const given = { problems: PROBLEMS, files: ['mappings/etl.yaml'], version: '1.2.3', command: 'etl validate' };

test('github: annotations, worst first, escaped', () => {
  expect(PROBLEM_FORMATS.github(given).split('\n')).toEqual([
    '::error file=mappings/a b%2Cc.yaml,line=3,col=5,endColumn=9,title=ETL-REF-003::100%25 <wrong> & "bad"\u0007%0Adid you mean "patients"?',
    '::warning title=ETL-LANG-004::a warning',
  ]);
});

test('sarif: rules, places and the other places', () => {
  const { version, runs } = JSON.parse(PROBLEM_FORMATS.sarif(given)) as {
    version: string;
    runs: {
      tool: { driver: { version: string; rules: { id: string }[] } };
      results: Record<string, unknown>[];
    }[];
  };
  expect(version).toBe('2.1.0');
  expect(runs[0]?.tool.driver.version).toBe('1.2.3');
  expect(runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual(['ETL-LANG-004', 'ETL-REF-003']);
  const region = { startLine: 3, startColumn: 5, endLine: 3, endColumn: 9 };
  expect(runs[0]?.results).toMatchObject([
    {
      ruleId: 'ETL-REF-003',
      ruleIndex: 1,
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'mappings/a%20b%2Cc.yaml' }, region } }],
      relatedLocations: [{ id: 0, message: { text: 'a needs b' } }],
    },
    { ruleId: 'ETL-LANG-004', level: 'warning', locations: [] },
  ]);
});

test('junit: a case for each file, well formed', () => {
  const text = PROBLEM_FORMATS.junit(given);
  expect(text).toContain('tests="3" failures="1"');
  expect(text).toContain('<testcase classname="etl validate" name="mappings/etl.yaml"/>');
  expect(text).toContain('message="100% &lt;wrong&gt; &amp; &quot;bad&quot;\ufffd"');
  expect(text).toContain('mappings/a b,c.yaml:3:5: ETL-REF-003');
});

test('nothing wrong', () => {
  const none = { ...given, problems: [] };
  expect(PROBLEM_FORMATS.github(none)).toBe('');
  expect(JSON.parse(PROBLEM_FORMATS.sarif(none))).toMatchObject({ runs: [{ results: [] }] });
  expect(PROBLEM_FORMATS.junit(none)).toContain('tests="1" failures="0"');
});
