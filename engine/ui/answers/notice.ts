import type { DashboardReject } from '../../contract/dashboard.js';
import type { Notice } from '../../state/reject-pages.js';

/** A notice without its row, which the row's own answer has. */
export function rejectAnswer({ row: _row, ...notice }: Notice): DashboardReject {
  return notice;
}
