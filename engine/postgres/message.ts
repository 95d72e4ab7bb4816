import type { CommandTag, Session } from '../contract/session.js';

/** One statement, with the data of its COPY. */
export interface Part {
  readonly sql: string;
  readonly data?: Buffer;
}

/** What the statements of a message answered. */
export interface Answer {
  /** Of one of the message's parts. @throws Error where the part was not sent, or not answered */
  of(part: Part): CommandTag;
  /** The one value that a part's query gave. */
  text(part: Part): string | null;
}

/** Sends statements as one message and awaits them once. */
export async function send(session: Session, parts: readonly Part[]): Promise<Answer> {
  const tags = await session.script(
    parts.map((part) => part.sql).join('; '),
    parts.flatMap(({ data }) => (data === undefined ? [] : [data])),
  );
  const of = (part: Part): CommandTag => {
    const tag = tags[parts.indexOf(part)];
    if (tag === undefined) throw new Error(`no answer to: ${part.sql}`);
    return tag;
  };
  return { of, text: (part) => of(part).rows[0]?.[0] ?? null };
}

/** A statement without data. */
export const plain = (sql: string): Part => ({ sql });

/** The one value that the last of some parts gave; null where there are none. */
export const lastText = (answer: Answer, parts: readonly Part[]): string | null => {
  const [last] = parts.slice(-1);
  return last === undefined ? null : answer.text(last);
};
