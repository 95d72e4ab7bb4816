import pg from 'pg';

/** Quotes one name, as PostgreSQL's `quote_ident` does but always. */
export const quoteName = (name: string): string => pg.escapeIdentifier(name);

/** Quotes text as a literal. */
export const quoteText = (text: string): string => pg.escapeLiteral(text);

/** `"schema"."table"`. */
export const quoteTable = (table: { readonly schema: string; readonly name: string }): string =>
  `${quoteName(table.schema)}.${quoteName(table.name)}`;
