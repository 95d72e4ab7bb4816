import type { Session } from '../../contract/session.js';
import { copyLines } from '../rows/batch.js';
import type { LeftRow } from './comparing-merge.js';

/** Rows that are sent in one message. */
const ROWS = 20_000;

/** What is noted of a mapping's rows, in temporary tables of the target: its SQL works on it. */
const TABLES = {
  // Rows of the target that count otherwise than they are: `made` are the values that they should have, as a JSON
  // array in the order of the columns asked for; null where they should not be there, JSON's null where nobody
  // speaks of them. Without a handle: missing rows.
  etl_replaced: 'handle text, made jsonb',
  // Rows that no source row answers.
  etl_unmet: 'key text, handle text',
  // The rows that are spoken of, where these are not all.
  etl_part: 'handle text',
} as const;

type NoteTable = keyof typeof TABLES;

export interface NotesNeeds {
  /** What checks compare is computed by SQL over the target and what was noted. */
  readonly aggregates: boolean;
  /** The keys of rejected rows are asked for. */
  readonly sums: boolean;
  /** The session is one that writes nothing unless it is told to. */
  readonly readsOnly: boolean;
}

/** Notes of one mapping's comparison; what is noted is on the server after {@link flush}. */
export class Notes {
  /** Source keys of rejected rows, as they are shown, each once; only where sums are asked for. */
  readonly rejectedKeys = new Set<string>();
  /** Some row of the target has no source row. */
  anyUnmet = false;
  private readonly waiting: Record<NoteTable, (readonly (string | null)[])[]> = {
    etl_replaced: [],
    etl_unmet: [],
    etl_part: [],
  };

  private constructor(
    private readonly session: Session,
    private readonly needs: NotesNeeds,
  ) {}

  static async open(session: Session, needs: NotesNeeds): Promise<Notes> {
    const create = Object.entries(TABLES)
      .map(
        ([name, columns]) =>
          `create temp table if not exists ${name} (${columns}); delete from pg_temp.${name}`,
      )
      .join('; ');
    await session.query(needs.readsOnly ? `begin read write; ${create}; commit` : create);
    return new Notes(session, needs);
  }

  rejectedKey(key: string): void {
    if (this.needs.sums) this.rejectedKeys.add(key);
  }

  /** @param made null: the row should not be there */
  replace(handle: string | null, made: readonly (string | null)[] | null): void {
    if (!this.needs.aggregates) return;
    this.waiting.etl_replaced.push([handle, made === null ? null : JSON.stringify(made)]);
  }

  /** The row is none of the comparison's. */
  ignore(handle: string): void {
    if (this.needs.aggregates) this.waiting.etl_replaced.push([handle, 'null']);
  }

  unmet({ key, handle }: LeftRow): void {
    this.anyUnmet = true;
    this.waiting.etl_unmet.push([key, handle]);
  }

  seen(handle: string): void {
    if (this.needs.aggregates) this.waiting.etl_part.push([handle]);
  }

  /** Sends what is noted, where it is much; all of it where `all`. */
  async flush(all = false): Promise<void> {
    for (const name of ['etl_replaced', 'etl_unmet', 'etl_part'] as const) {
      const rows = this.waiting[name];
      if (rows.length === 0 || (rows.length < ROWS && !all)) continue;
      this.waiting[name] = [];
      await this.session.script(`copy pg_temp.${name} from stdin`, [copyLines(rows)]);
    }
  }
}
