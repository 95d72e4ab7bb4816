import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { MappingHash } from '../../contract/watermark.js';

/** Places in files, ids of the catalogue: they change and no row does. */
const COSMETIC: ReadonlySet<string> = new Set(['at', 'oid', 'sequence', 'hasDefault', 'file']);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const plain = (value: unknown): string =>
  JSON.stringify(value, (name, part: unknown) =>
    COSMETIC.has(name) ? undefined : typeof part === 'bigint' ? part.toString() : part,
  );

/** The hashes of mappings, by name. Look-up files are read: what stands in them decides about rows, too. */
export async function mappingHashes(
  mappings: readonly CompiledMapping[],
): Promise<Readonly<Record<string, MappingHash>>> {
  const hashes = mappings.map(
    async (one) =>
      [
        one.mapping.name,
        {
          rows: sha256(plain([...facts(one), await lookupTexts(one)])),
          identity: sha256(plain(identityOf(one))),
        },
      ] as const,
  );
  return Object.fromEntries(await Promise.all(hashes));
}

const facts = (one: CompiledMapping): readonly unknown[] => [
  identityOf(one),
  ...[one.rowsSql, one.fields, one.key, one.skip, one.columns, one.handle, one.targetKey, one.rules],
  one.mapping.target.mode.value,
];

const identityOf = ({
  project,
  fields,
  key,
  table,
  columns,
  targetKey,
  identity,
  found,
  mapping,
}: CompiledMapping): readonly unknown[] => [
  ...[project, mapping.name, mapping.source.connection.value, key.map((field) => fields[field]?.name)],
  ...[table.schema, table.name, targetKey.map((index) => columns[index]?.column.name)],
  ...[identity === null ? null : [identity.strategy, identity.column.name], found],
];

/** The look-up files' own texts; a file that cannot be read is told when the mapping loads. */
async function lookupTexts({ mapping }: CompiledMapping): Promise<readonly string[]> {
  const files = mapping.columns.flatMap(({ resolver }) =>
    resolver?.kind === 'lookup' && resolver.lookup.from.kind === 'file' ? [resolver.lookup.from.file] : [],
  );
  return Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
}
