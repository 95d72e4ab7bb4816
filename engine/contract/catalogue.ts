import type { BaseType } from './value.js';

/** A column's type as the catalogue holds it. */
export interface PgType {
  readonly oid: number;
  readonly schema: string;
  /** `pg_type.typname`: `int4`, `varchar`, `_text`, `mood`. */
  readonly name: string;
  /** `atttypmod`; -1 where there is none. */
  readonly modifier: number;
  /** The language's view of it; a domain has its base type's. */
  readonly base: BaseType;
  readonly kind: 'base' | 'array' | 'enum' | 'domain' | 'composite' | 'range' | 'pseudo';
  /** What a domain stands on, with the domain's modifier; null for all else. */
  readonly domainOf: PgType | null;
  /** An enum's labels in their order; empty for all else. */
  readonly labels: readonly string[];
  /** As PostgreSQL prints it, with modifier: `character varying(50)`, `numeric(12,2)`. */
  readonly display: string;
  /** As it may stand in SQL, schema-qualified, without modifier. */
  readonly sql: string;
}

/** What a type stands on when every domain is taken away. */
export const plainType = (type: PgType): PgType => (type.domainOf === null ? type : plainType(type.domainOf));

export interface TableColumn {
  readonly name: string;
  readonly type: PgType;
  readonly notNull: boolean;
  /** A default, an identity or a sequence fills it. */
  readonly hasDefault: boolean;
  /** `generated always as (…) stored`: never written. */
  readonly generated: boolean;
  readonly identity: 'always' | 'by default' | null;
  /** The sequence behind a serial or identity column, as SQL text; null where there is none. */
  readonly sequence: string | null;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Schema and name of the referenced table. */
  readonly table: { readonly schema: string; readonly name: string };
  readonly referenced: readonly string[];
  readonly validated: boolean;
}

export interface Table {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `pg_class.relkind`. */
  readonly kind: string;
  /** Other tables inherit from it (or did once). */
  readonly hasChildren: boolean;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly string[];
  /** Columns of each unique index or constraint that holds for every row (no predicate, no expression). */
  readonly uniques: readonly (readonly string[])[];
  /** Of indexes that keep rows apart by an expression, under a condition, or by an exclusion, one's name, or null. */
  readonly keptApartBy: string | null;
  readonly foreignKeys: readonly ForeignKey[];
  /** A BEFORE INSERT row trigger, or a rule, can swallow a row without an error. */
  readonly maySwallow: boolean;
  /** A BEFORE UPDATE row trigger, or a rule, can keep a row as it was without an error. */
  readonly maySwallowUpdates: boolean;
  /** Rules rewrite what is inserted or updated: COPY would go past them. */
  readonly ruled: boolean;
  /** The connected role. */
  readonly role: string;
  /** The connected role is its owner, or one of the owner's members. */
  readonly owned: boolean;
  /** Null where row-level security does not apply to the connected role. */
  readonly rowSecurity: RowSecurity | null;
  /** Of a table of which the role may read some columns only, these; else null. */
  readonly readable: readonly string[] | null;
}

/** What the policies of a table let the connected role do. */
export interface RowSecurity {
  /**
   * What they may keep the role from doing with a row without a word: everything but where a policy with `using (true)`
   * speaks for the role and no restrictive one against it. `insert`: no policy lets the role insert at all.
   */
  readonly closed: readonly ('select' | 'insert' | 'update' | 'delete')[];
  /** Names of the policies that judge rows which the role writes. */
  readonly policies: readonly string[];
  /** SQL for the table's owner, or who may change roles: then nothing is closed. */
  readonly cure: string;
}

/** A column of a query's result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: PgType;
}
