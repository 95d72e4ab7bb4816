import type { Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import { beginReading, endReading } from '../state/reading.js';
import { openForLooking } from './databases.js';

/**
 * Reads a project's state on a session of its own, which changes nothing and takes no lock.
 * @param work `schema` is quoted
 * @returns null where there is no state yet
 * @throws EtlError exit 2 where it is another version's
 */
export async function readState<T>(
  project: Project,
  embedded: boolean,
  work: (session: Session, schema: string) => Promise<T>,
): Promise<{ readonly value: T } | null> {
  const databases = await openForLooking(project, embedded);
  if (databases === null) return null;
  try {
    return await readStateOn(await databases.open('target'), project, work);
  } finally {
    await databases.close();
  }
}

/** As {@link readState}, on a session that is given up at the end. */
export async function readStateOn<T>(
  session: Session,
  { stateSchema }: Project,
  work: (session: Session, schema: string) => Promise<T>,
): Promise<{ readonly value: T } | null> {
  try {
    const schema = await beginReading(session, stateSchema);
    const value = schema === null ? null : { value: await work(session, schema) };
    await endReading(session);
    return value;
  } finally {
    await (session.release?.() ?? session.close());
  }
}
