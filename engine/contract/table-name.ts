/** A part in quotes, as SQL writes one: `"a.b"`, a quote within doubled. */
const QUOTED = /"((?:[^"]|"")+)"(?=\.|$)/y;

/**
 * The parts of a table's name as a mapping writes it: `orders`, `sales.orders`; a part in quotes may hold dots:
 * `"sales.eu"."orders"`. As many as there are; each as the catalogue has it.
 */
export function tableParts(written: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at <= written.length;) {
    QUOTED.lastIndex = at;
    const quoted = QUOTED.exec(written);
    const dot = written.indexOf('.', at);
    const end = quoted === null ? (dot < 0 ? written.length : dot) : QUOTED.lastIndex;
    parts.push(quoted?.[1]?.replaceAll('""', '"') ?? written.slice(at, end));
    at = end + 1;
  }
  return parts;
}

const inQuotes = (part: string): string => `"${part.replaceAll('"', '""')}"`;

/** A table's name as a mapping writes it: in quotes only what would be read as something else without them. */
export const writtenTable = (parts: readonly string[]): string =>
  parts.map((part) => (/\.|^".*"$/s.test(part) ? inQuotes(part) : part)).join('.');

/** The same as SQL text: `"sales"."orders"`. */
export const quoteDotted = (written: string): string => tableParts(written).map(inQuotes).join('.');

/** The table's name without its schema. */
export const bareTable = (written: string): string => tableParts(written).at(-1) ?? written;
