import type { DashboardRow } from '../../contract/dashboard.js';
import type { Project } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import { adviceOn } from '../../../reports/advice.js';
import { chainOf } from '../../state/chain.js';
import { readDependants, readNoticesOf, type Leading } from '../../state/reject-pages.js';
import { readHistory } from '../../state/row-history.js';
import type { Desk } from '../desk.js';
import { textOf, withoutSecrets } from '../files.js';
import type { SiteFiles } from '../site.js';
import { rejectAnswer } from './notice.js';

/** Lines of the mapping's file before the deciding one, and behind it. */
const AROUND = 6;

/** @param asked `run` by its own name */
export async function answerRow(
  desk: Desk,
  session: Session,
  schema: string,
  asked: { readonly run: string; readonly mapping: string; readonly key: string },
): Promise<DashboardRow> {
  const { name } = desk.site.project;
  const { run, mapping, key } = asked;
  const files = await desk.site.files();
  const project = files.project ?? desk.site.project;
  const said = await readNoticesOf(session, schema, { project: name, ...asked });
  const [first] = said;
  const chain = await chainOf(session, schema, project, asked);
  const dependants = await readDependants(session, schema, asked, waysOf(project));
  const noted = await readHistory(session, schema, { project: name, mapping, key, handle: null, xmin: null });
  return {
    mapping,
    key,
    row: fieldsOf(said.find(({ row }) => row !== null)?.row ?? null),
    rejects: said.map(rejectAnswer),
    excerpt: first === undefined ? null : excerptOf(files, first.file, first.line),
    chain: chain.slice(1).map((reject) => rejectAnswer({ kind: 'reject', ...reject })),
    dependants: dependants.some.map(rejectAnswer),
    dependant_count: dependants.count,
    history: noted
      .filter((entry) => entry.run !== run)
      .map(({ run: other, event, rule, reason }) => ({
        run: other,
        rule: rule ?? event,
        reason: reason ?? event,
      })),
    advice: first?.kind === 'reject' ? adviceOn(first) : null,
  };
}

/** Columns that refer to rows by the keys that rejects name. */
const waysOf = ({ mappings }: Project): readonly Leading[] =>
  mappings.flatMap(({ name, columns }) =>
    columns.flatMap(({ column, resolver }) =>
      resolver?.kind !== 'references'
        ? []
        : resolver.parents.flatMap(({ mapping, by }) =>
            by === null ? [{ mapping: name, column: column.value, to: mapping.value }] : [],
          ),
    ),
  );

/** A value that is no text as JSON writes it. */
function fieldsOf(row: string | null): DashboardRow['row'] {
  const kept: unknown = row === null ? null : JSON.parse(row);
  if (typeof kept !== 'object' || kept === null) return [];
  return Object.entries(kept).map(([field, value]: [string, unknown]) => ({
    field,
    value: value === null ? null : typeof value === 'string' ? value : JSON.stringify(value),
  }));
}

function excerptOf(files: SiteFiles, file: string, line: number): DashboardRow['excerpt'] {
  const found = textOf(files, file);
  if (found === null) return null;
  const lines = withoutSecrets(found.text).split(/\r?\n/);
  if (line < 1 || line > lines.length) return null;
  const first = Math.max(1, line - AROUND);
  return { file: found.file, first, line, text: lines.slice(first - 1, line + AROUND) };
}
