import type pg from 'pg';
import type { QueryRows } from '../contract/session.js';

/** What came of one query of a volley: its rows, or what the server said against it. */
export type Answer = QueryRows | Error;

interface RowDescription {
  readonly fields: readonly {
    readonly name: string;
    readonly dataTypeID: number;
    readonly dataTypeModifier: number;
  }[];
}

/**
 * Sends queries one behind the other without waiting for an answer in between: one round trip, whatever their
 * number. Each is a simple query, and so a transaction, of its own: one that is refused does not touch the
 * others (protocol: "Pipelining"; each `Query` is answered by its own ReadyForQuery).
 * @param queries one statement each, without parameters
 * @returns an answer for each, in their order; where the connection is lost, errors from there on
 */
export function sendVolley(client: pg.Client, queries: readonly string[]): Promise<readonly Answer[]> {
  if (queries.length === 0) return Promise.resolve([]);
  return new Promise((resolve) => {
    const answers: Answer[] = [];
    const listen = (send: readonly string[]): void => {
      const next = (answer: Answer): void => {
        if (answers.push(answer) === queries.length) resolve(answers);
        else listen([]);
      };
      client.query(new Listener(send, next) as unknown as pg.Submittable);
    };
    listen(queries);
  });
}

/**
 * pg hands the server's messages to one query until that is ready, then takes the next: the first listener sends
 * all queries, each takes one answer and makes way for the next before pg looks for other work.
 */
class Listener {
  private columns: QueryRows['columns'] = [];
  private readonly rows: (readonly (string | null)[])[] = [];
  private count = 0;

  constructor(
    private readonly send: readonly string[],
    private readonly done: (answer: Answer) => void,
  ) {}

  submit(connection: pg.Connection): void {
    if (this.send.length === 0) return;
    connection.stream.cork();
    for (const query of this.send) connection.query(query);
    connection.stream.uncork();
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.columns = fields.map((f) => ({ name: f.name, oid: f.dataTypeID, modifier: f.dataTypeModifier }));
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.rows.push(message.fields);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.count = Number(/(\d+)$/.exec(message.text)?.[1] ?? 0);
  }

  handleEmptyQuery(): void {
    /* no rows, and ReadyForQuery comes all the same */
  }

  handleReadyForQuery(): void {
    this.done({ columns: this.columns, rows: this.rows, count: this.count });
  }

  /** pg takes a query that has failed for over: of its ReadyForQuery it is not told. */
  handleError(error: Error): void {
    this.done(error);
  }
}
