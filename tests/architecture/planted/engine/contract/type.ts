export interface Row {
  readonly key: string;
}
