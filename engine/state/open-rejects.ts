import type { Session } from '../contract/session.js';

/** What a mapping's open rejects come to. */
export interface OpenKeys {
  /** Source keys as they are kept, each once. */
  readonly keys: readonly string[];
  /** Rejects without a key: nobody finds these rows again. */
  readonly keyless: number;
}

/**
 * The open rejects of a project by mapping: what a replay reads again, see the view `open_rejects`.
 * @param mapping asks for this one alone; null for all
 */
export async function openKeys(
  session: Session,
  schema: string,
  project: string,
  mapping: string | null,
): Promise<ReadonlyMap<string, OpenKeys>> {
  const { rows } = await session.query(
    `select mapping, coalesce(json_agg(distinct source_key) filter (where askable), '[]'),
       count(*) filter (where not askable)
     from (select mapping, source_key, source_key is not null and rule <> 'key' askable
       from ${schema}.open_rejects where project = $1 and ($2::text is null or mapping = $2)) k group by mapping order by mapping`,
    [project, mapping],
  );
  return new Map(
    rows.map(([mapping, keys, keyless]) => [
      mapping ?? '',
      { keys: JSON.parse(keys ?? '[]') as string[], keyless: Number(keyless) },
    ]),
  );
}
