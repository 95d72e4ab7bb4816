import pg from 'pg';
import type { Table } from '../contract/catalogue.js';

/** Quotes one name, as PostgreSQL's `quote_ident` does but always. */
export const quoteName = (name: string): string => pg.escapeIdentifier(name);

/** Quotes text as a literal. */
export const quoteText = (text: string): string => pg.escapeLiteral(text);

/** `"schema"."table"`. */
export const quoteTable = (table: { readonly schema: string; readonly name: string }): string =>
  `${quoteName(table.schema)}.${quoteName(table.name)}`;

/**
 * A text as the input of a type reads it. The cast from text to `regclass` is no such thing: it refuses `-`, for nothing, so
 * that the text goes by way of a type that has none.
 * @param type as it stands in SQL
 */
export const readAs = (text: string, type: string): string =>
  `${text}::${/\bregclass"?$/.test(type) ? 'bpchar::' : ''}${type}`;

/**
 * A table's own rows, for `from`, `update` and `delete from`: with those of its partitions, without those of tables that
 * inherit from it, which COPY and INSERT never fill and foreign keys never find.
 */
export const tableRows = (table: Pick<Table, 'schema' | 'name' | 'kind' | 'hasChildren'>): string =>
  `${table.kind === 'r' && table.hasChildren ? 'only ' : ''}${quoteTable(table)}`;
