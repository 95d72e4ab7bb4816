import type { Session } from '../../contract/session.js';
import { readGroups, type NoticeFilter, type NoticeGroups } from '../../state/reject-pages.js';

/** Milliseconds for which pages behind the first one have its groups and total: counting takes as long as a page. */
const KNOWN_MS = 20_000;
const MOST = 50;

/** What was counted for first pages. */
export class Counted {
  private readonly known = new Map<string, { readonly until: number; readonly groups: NoticeGroups }>();

  async of(session: Session, schema: string, filter: NoticeFilter, isFirst: boolean): Promise<NoticeGroups> {
    const id = JSON.stringify(filter);
    const known = this.known.get(id);
    if (!isFirst && known !== undefined && known.until > Date.now()) return known.groups;
    const groups = await readGroups(session, schema, filter);
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(id, { until: Date.now() + KNOWN_MS, groups });
    return groups;
  }
}
