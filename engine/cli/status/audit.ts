import { count, counted, moment, visible } from '../../../reports/format.js';
import type { Paint } from '../../../reports/text/paint.js';
import type { Audited, Chain } from '../../state/audit.js';

/** The audit for people: an entry a line with what is told of it, the verdict on the chain last. */
export function auditText(entries: readonly Audited[], chain: Chain, paint: Paint): string {
  const lines = entries.map(({ id, at, event, run, operator, databaseUser, details }) => {
    const who = operator === databaseUser ? operator : `${operator} as ${databaseUser}`;
    const head = `${String(id).padStart(6)}  ${moment(new Date(at))}  ${visible(event)}${run === null ? '' : `  ${visible(run)}`}`;
    return `${head}  ${paint('dim', `by ${visible(who)}  ${visible(inShort(details))}`)}`;
  });
  const { broken, head } = chain;
  const verdict =
    broken === null
      ? `The chain holds: ${counted(chain.entries, 'entry', 'entries')}, the last one's hash is ${head ?? ''}`
      : paint('red', `The chain is broken at entry ${count(broken.id)}: ${broken.reason}`);
  return [...lines, verdict].join('\n');
}

/** What fits a line: lists by their length, all else than plain values left to `--json`. */
const inShort = (details: object): string =>
  Object.entries(details)
    .flatMap(([name, value]: [string, unknown]) => {
      if (Array.isArray(value)) return [`${name}: ${String(value.length)}`];
      return value === null || typeof value === 'object' ? [] : [`${name}: ${JSON.stringify(value)}`];
    })
    .join(', ');
