import { CODES } from '../../engine/contract/codes.js';
import type { Position, Problem } from '../../engine/contract/problem.js';
import { worstFirst } from './order.js';

/** Problems as a SARIF 2.1.0 log, which code scanners read; `version` is the engine's. */
export function sarifLog(problems: readonly Problem[], version: string): string {
  const codes = [...new Set(problems.map(({ code }) => code))].sort();
  const rules = codes.map((code) => ({ id: code, fullDescription: { text: CODES[code] } }));
  const results = worstFirst(problems).map((problem) => ({
    ruleId: problem.code,
    ruleIndex: codes.indexOf(problem.code),
    level: problem.severity,
    message: { text: problem.help === undefined ? problem.message : `${problem.message}: ${problem.help}` },
    locations: problem.at === undefined ? [] : [location(problem.at)],
    ...(problem.related === undefined
      ? {}
      : {
          relatedLocations: problem.related.map(({ at, message }, id) => ({
            id,
            message: { text: message },
            ...location(at),
          })),
        }),
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      { tool: { driver: { name: 'Crosswalk', version, rules } }, columnKind: 'utf16CodeUnits', results },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function location({ file, line, column, length }: Position) {
  const region = { startLine: line, startColumn: column, endLine: line, endColumn: column + length };
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region } };
}
