/** `100` rows or `1%` of the rows read. */
export type Threshold =
  { readonly unit: 'rows'; readonly count: number } | { readonly unit: 'percent'; readonly percent: number };
