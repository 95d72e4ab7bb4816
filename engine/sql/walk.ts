/** A node of the parser's tree by its kind: `ColumnRef`, `FuncCall`; and what it holds. */
export type Visit = (kind: string, body: object) => void;

/**
 * Visits each node of a tree, parents first. `into` says whether what a node holds is visited, too; left out: all.
 */
export function walk(tree: unknown, visit: Visit, into: (kind: string) => boolean = () => true): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, visit, into);
  } else if (typeof tree === 'object' && tree !== null) {
    for (const [kind, body] of Object.entries(tree)) {
      if (typeof body !== 'object' || body === null) continue;
      if (/^[A-Z]/.test(kind)) {
        visit(kind, body as object);
        if (!into(kind)) continue;
      }
      walk(body, visit, into);
    }
  }
}

/** The text of a `String` node; null for any other. */
export function stringOf(node: unknown): string | null {
  const inner = typeof node === 'object' && node !== null && 'String' in node ? node.String : null;
  if (typeof inner !== 'object' || inner === null || !('sval' in inner)) return null;
  return typeof inner.sval === 'string' ? inner.sval : null;
}
