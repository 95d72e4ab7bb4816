/**
 * The one-to-one assignment with the greatest total: the Hungarian method, O(rows² × columns) with potentials
 * (Kuhn 1955, Munkres 1957).
 * @param scores of each row (ours) with each column (theirs), 0 where the two must not meet
 * @returns for each row its column, or -1
 */
export function bestAssignment(scores: readonly (readonly number[])[]): readonly number[] {
  const width = scores[0]?.length ?? 0;
  if (width === 0) return scores.map(() => -1);
  if (scores.length > width) return transposed(scores, width);
  const height = scores.length;
  // Index 0 is nobody; `owner` is the row that a column is given to.
  const owner = new Array<number>(width + 1).fill(0);
  const [u, v] = [new Array<number>(height + 1).fill(0), new Array<number>(width + 1).fill(0)];
  for (let row = 1; row <= height; row++) {
    const way = augment(scores, row, { owner, u, v });
    let column = way.end;
    while (column !== 0) {
      const before = way.from[column] ?? 0;
      owner[column] = owner[before] ?? 0;
      column = before;
    }
  }
  const found = new Array<number>(height).fill(-1);
  for (let column = 1; column <= width; column++) {
    const row = owner[column] ?? 0;
    if (row > 0 && (scores[row - 1]?.[column - 1] ?? 0) > 0) found[row - 1] = column - 1;
  }
  return found;
}

interface Potentials {
  readonly owner: number[];
  readonly u: number[];
  readonly v: number[];
}

/** The cheapest way to give `row` a column, others moving on; changes the potentials. */
function augment(
  scores: readonly (readonly number[])[],
  row: number,
  { owner, u, v }: Potentials,
): { readonly end: number; readonly from: readonly number[] } {
  const width = v.length - 1;
  const least = new Array<number>(width + 1).fill(Infinity);
  const from = new Array<number>(width + 1).fill(0);
  const seen = new Array<boolean>(width + 1).fill(false);
  owner[0] = row;
  let column = 0;
  do {
    seen[column] = true;
    const at = owner[column] ?? 0;
    let [delta, next] = [Infinity, 0];
    for (let j = 1; j <= width; j++) {
      if (seen[j] === true) continue;
      const cost = -(scores[at - 1]?.[j - 1] ?? 0) - (u[at] ?? 0) - (v[j] ?? 0);
      if (cost < (least[j] ?? Infinity)) [least[j], from[j]] = [cost, column];
      if ((least[j] ?? Infinity) < delta) [delta, next] = [least[j] ?? Infinity, j];
    }
    for (let j = 0; j <= width; j++) {
      const taken = owner[j] ?? 0;
      if (seen[j] === true) {
        u[taken] = (u[taken] ?? 0) + delta;
        v[j] = (v[j] ?? 0) - delta;
      } else least[j] = (least[j] ?? Infinity) - delta;
    }
    column = next;
  } while (owner[column] !== 0);
  return { end: column, from };
}

function transposed(scores: readonly (readonly number[])[], width: number): readonly number[] {
  const turned = Array.from({ length: width }, (_, column) => scores.map((row) => row[column] ?? 0));
  const found = new Array<number>(scores.length).fill(-1);
  for (const [column, row] of bestAssignment(turned).entries()) if (row >= 0) found[row] = column;
  return found;
}
