import { visible } from '../../../reports/format.js';
import type { KeptReject } from '../../state/rejects.js';

/** A reject and its causes for people. */
export const showText = (chain: readonly KeptReject[]): string =>
  chain
    .map((reject, n) =>
      [
        `${n === 0 ? '' : 'because '}${visible(reject.mapping)} ${visible(reject.key ?? 'null')}, rejected by run ${reject.run}`,
        `  ${reject.column === null ? 'the row' : visible(reject.column)}, ${visible(reject.rule)}${reject.sqlstate === null ? '' : ` [${reject.sqlstate}]`}: ${visible(reject.reason)}`,
        ...(reject.value === null ? [] : [`  value: ${visible(reject.value)}`]),
        `  at ${visible(reject.file)}:${String(reject.line)}`,
        ...(reject.row === null ? [] : [`  row: ${visible(reject.row)}`]),
      ].join('\n'),
    )
    .join('\n\n');
