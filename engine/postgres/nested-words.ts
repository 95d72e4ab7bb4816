/** A statement as it goes to the server, and the place of the one that was asked for whose answer it gives. */
export interface Sent {
  readonly sql: string;
  readonly answers: number | null;
}

/** What a transaction's begin and end stand for where another transaction goes around it. */
export interface NestedWords {
  readonly begin: readonly string[];
  readonly commit: readonly string[];
  readonly rollback: readonly string[];
}

const WORK = 'etl_work';

/** Taken back to what stood before the work at hand. */
export const TAKE_BACK = `rollback to savepoint ${WORK}; release savepoint ${WORK}`;

/**
 * A savepoint in place of a transaction. What a commit would check is checked where it would be.
 * @param deferred quoted names of the constraints that wait for the commit of their own accord
 * @param deferrable whether any constraint can be made to wait
 */
export function nestedWords(deferred: readonly string[], deferrable: boolean): NestedWords {
  return {
    begin: [
      `savepoint ${WORK}`,
      ...(deferred.length > 0 ? [`set constraints ${deferred.join(', ')} deferred`] : []),
    ],
    commit: [...(deferrable ? ['set constraints all immediate'] : []), `release savepoint ${WORK}`],
    rollback: TAKE_BACK.split('; '),
  };
}

/** The temporary table that a statement makes and that the server empties at each commit. */
const EMPTIED =
  /^create\s+temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)\b[^]*\bon\s+commit\s+delete\s+rows\b/i;

/** One that the server drops at the commit. */
const DROPPED = /^create\s+temp(?:orary)?\s+table\s+(\w+)\b[^]*\bon\s+commit\s+drop\b/i;

/** A setting for the length of a transaction. */
const LOCAL = /^set\s+local\s+(time\s+zone|session\s+authorization|[\w.]+)/i;

const localName = (statement: string): string | null =>
  LOCAL.exec(statement)?.[1]
    ?.toLowerCase()
    .replace(/^time\s+/, 'time')
    .replace(/\s+/, '_') ?? null;

/** SQL that keeps a setting's value, and SQL that gives it back: a savepoint's release would leave it as it is. */
const keeping = (name: string): string =>
  `select set_config('etl_kept.${name}', coalesce(current_setting('${name}', true), ''), true)`;
const givingBack = (name: string): string =>
  `select set_config('${name}', current_setting('etl_kept.${name}'), true)`;

type Word = 'begin' | 'commit' | 'rollback' | null;

function wordOf(statement: string): Word {
  const [, word = ''] =
    /^(begin|start\s+transaction|commit|end|rollback(?!\s+to\b)|abort)\b/i.exec(statement) ?? [];
  const plain = word.toLowerCase();
  if (plain === 'begin' || plain.startsWith('start')) return 'begin';
  if (plain === 'commit' || plain === 'end') return 'commit';
  return plain === 'rollback' || plain === 'abort' ? 'rollback' : null;
}

/** The transactions of one session, one after the other, as savepoints of the transaction around them. */
export class NestedTransactions {
  /** One was begun and is not ended. */
  isOpen = false;
  private readonly emptied = new Set<string>();
  /** Those that hold rows of the transaction at hand, perhaps. */
  private readonly filled = new Set<string>();
  /** Those that were made in it, and go with it. */
  private readonly dropped = new Set<string>();
  /** Settings that it has changed for its own length. */
  private readonly local = new Set<string>();

  constructor(private readonly words: NestedWords) {}

  /** What goes to the server for a message; statements outside of a transaction get one of their own. */
  translate(statements: readonly string[]): readonly Sent[] {
    const sent: Sent[] = [];
    const send = (list: readonly string[], answers: number | null): void => {
      for (const [n, sql] of list.entries())
        sent.push({ sql, answers: n === list.length - 1 ? answers : null });
    };
    let isOwn = false;
    const end = (answers: number | null): void => {
      send([...this.cleaning(), ...this.words.commit], answers);
      isOwn = false;
      this.over();
    };
    for (const [n, sql] of statements.entries()) {
      const word = wordOf(sql);
      if (isOwn && word !== null) end(null);
      if (word === 'begin') {
        if (!this.isOpen) send(this.words.begin, n);
        this.isOpen = true;
      } else if (word === 'commit') {
        if (this.isOpen) end(n);
      } else if (word === 'rollback') {
        if (this.isOpen) send(this.words.rollback, n);
        this.over();
      } else {
        if (!this.isOpen) {
          send(this.words.begin, null);
          this.isOpen = true;
          isOwn = true;
        }
        this.note(sql);
        send(this.keepingSettings(sql), null);
        send([sql], n);
      }
    }
    if (isOwn) end(null);
    return sent;
  }

  /** Says that what was begun has come to its end, good or bad. */
  over(): void {
    this.isOpen = false;
    this.filled.clear();
    this.dropped.clear();
    this.local.clear();
  }

  /** What must go before a statement that changes a setting until the commit. */
  private keepingSettings(sql: string): readonly string[] {
    const name = localName(sql);
    if (name === null || this.local.has(name)) return [];
    this.local.add(name);
    return [keeping(name)];
  }

  private note(sql: string): void {
    const gone = DROPPED.exec(sql)?.[1];
    if (gone !== undefined) this.dropped.add(gone);
    const name = EMPTIED.exec(sql)?.[1];
    if (name !== undefined) this.emptied.add(name);
    // Functions of the session fill some that the statement does not name.
    else if (sql.includes('pg_temp.')) for (const table of this.emptied) this.filled.add(table);
  }

  /** What the server does with settings and temporary tables at a commit. */
  private cleaning(): readonly string[] {
    const list = (names: ReadonlySet<string>): string =>
      [...names].map((name) => `pg_temp.${name}`).join(', ');
    return [
      ...[...this.local].map(givingBack),
      ...(this.filled.size === 0 ? [] : [`truncate ${list(this.filled)}`]),
      ...(this.dropped.size === 0 ? [] : [`drop table ${list(this.dropped)}`]),
    ];
  }
}
