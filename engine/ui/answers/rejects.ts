import type { DashboardRejects } from '../../contract/dashboard.js';
import type { Session } from '../../contract/session.js';
import { readNoticePage, type NoticeFilter, type NoticeKind } from '../../state/reject-pages.js';
import type { Desk } from '../desk.js';
import { Refused } from '../reply.js';
import { rejectAnswer } from './notice.js';

const KINDS: readonly NoticeKind[] = ['reject', 'warning', 'skipped', 'open'];

export function kindOf(text: string | null): NoticeKind {
  const kind = KINDS.find((one) => one === (text ?? 'reject'));
  if (kind === undefined) throw new Refused(400, `kind is one of ${KINDS.join(', ')}`);
  return kind;
}

/** @param schema quoted */
export async function answerRejects(
  { counted }: Desk,
  session: Session,
  schema: string,
  filter: NoticeFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<DashboardRejects> {
  try {
    const { notices, next } = await readNoticePage(session, schema, filter, page);
    const groups = await counted.of(session, schema, filter, page.after === null);
    return { rejects: notices.map(rejectAnswer), next, ...groups };
  } catch (error) {
    if (error instanceof RangeError) throw new Refused(400, error.message, 'begin again without it');
    throw error;
  }
}
