import type { Project } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import { visible } from '../../../reports/format.js';
import { findRejects, type KeptReject } from '../../state/rejects.js';

/** Rows in a chain of causes, at the most. */
const DEPTH = 50;

/**
 * A row's reject, then the reject of the row that it refers to, and so on to where it began: each by the mapping's
 * own words. A reference by another column than the key cannot be followed; its reason says what was looked for.
 */
export async function chainOf(
  session: Session,
  schema: string,
  project: Project,
  of: { readonly run: string | null; readonly mapping: string; readonly key: string },
): Promise<readonly KeptReject[]> {
  const chain: KeptReject[] = [];
  const seen = new Set<string>();
  let next: typeof of | null = of;
  while (next !== null && chain.length < DEPTH && !seen.has(JSON.stringify(next))) {
    seen.add(JSON.stringify(next));
    const found: KeptReject | undefined = (
      await findRejects(session, schema, { project: project.name, ...next })
    )[0];
    if (found === undefined) break;
    chain.push(found);
    next = causeOf(project, found);
  }
  return chain;
}

function causeOf(
  { mappings }: Project,
  { run, mapping, column, rule, value }: KeptReject,
): { readonly run: string; readonly mapping: string; readonly key: string } | null {
  if (rule !== 'references' || value === null) return null;
  const columns = mappings.find(({ name }) => name === mapping)?.columns ?? [];
  const resolver = columns.find(({ column: name }) => name.value === column)?.resolver;
  if (resolver?.kind !== 'references' || resolver.by !== null) return null;
  return { run, mapping: resolver.mapping.value, key: value };
}

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
