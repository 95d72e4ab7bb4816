import { randomBytes } from 'node:crypto';
import { createDatabases, query, type Databases } from './database.js';

/** Names of roles, for SQL; those of each test file are its own, for roles belong to the whole server. */
export interface PlatformRoles {
  /** RDS: the master user, who owns what is in `public`; no superuser. */
  readonly master: string;
  /** RDS: reads what it is granted. */
  readonly reader: string;
  /** Supabase: `postgres`, which migrates; no superuser, no pg_signal_backend. */
  readonly writer: string;
  /** Supabase: `supabase_admin`, which made the database. */
  readonly admin: string;
  /** Supabase: `supabase_auth_admin`, which owns the schema `auth`. */
  readonly auth: string;
}

/** A source with the roles of Amazon RDS, a target with those of Supabase. */
export interface Platforms {
  readonly roles: PlatformRoles;
  /** `source` as the reader, `target` as the writer; `drop` takes the roles along. */
  readonly databases: Databases;
}

export interface PlatformOptions {
  /** As Supabase's own `postgres` has it. */
  readonly bypassesPolicies: boolean;
}

const as = (url: string, role: string): string => {
  const changed = new URL(url);
  changed.username = role;
  changed.password = 'rights';
  return changed.href;
};

const ROLES = ({ master, reader, writer, admin, auth }: PlatformRoles, bypass: boolean): string => `
  create role ${master} createrole createdb login password 'rights' in role pg_monitor;
  create role ${reader} login password 'rights';
  create role ${admin} nologin;
  create role ${auth} noinherit createrole login password 'rights';
  create role ${writer} createrole login password 'rights' ${bypass ? 'bypassrls' : ''};`;

const SOURCE = ({ master, reader }: PlatformRoles, database: string): string => `
  grant connect, temporary on database ${database} to ${master}, ${reader};
  alter schema public owner to ${master};
  revoke create on schema public from public;
  grant usage on schema public to ${reader};`;

/**
 * What a new project of Supabase has: schemas of other owners, event triggers (the API's watch, and the one that switches
 * row-level security on for tables in `public`), default privileges, `auth.users` with row-level security.
 */
const TARGET = ({ writer, admin, auth }: PlatformRoles, database: string): string => `
  alter database ${database} owner to ${admin};
  grant connect, temporary, create on database ${database} to ${writer};
  alter schema public owner to ${admin};
  grant usage, create on schema public to ${writer};
  create schema auth authorization ${auth};
  create schema storage authorization ${admin};
  create schema extensions;
  grant usage on schema auth, storage, extensions to ${writer};
  create table auth.users (id uuid primary key, email text, encrypted_password text);
  alter table auth.users owner to ${auth};
  alter table auth.users enable row level security;
  grant select on auth.users to ${writer};
  create table storage.objects (id uuid primary key, name text);
  alter table storage.objects owner to ${admin};
  alter default privileges for role ${writer} in schema public grant all on tables to ${admin};
  create function extensions.watch_ddl() returns event_trigger language plpgsql as
    $$ begin notify pgrst, 'reload schema'; end $$;
  create event trigger watch_ddl on ddl_command_end execute function extensions.watch_ddl();
  create function extensions.rls_auto_enable() returns event_trigger language plpgsql security definer as $$
    declare made record; begin
      for made in select * from pg_event_trigger_ddl_commands() where command_tag = 'CREATE TABLE' and schema_name = 'public' loop
        execute format('alter table %s enable row level security', made.object_identity);
      end loop; end $$;
  create event trigger ensure_rls on ddl_command_end when tag in ('CREATE TABLE') execute function extensions.rls_auto_enable();`;

/** Makes both. */
export async function createPlatforms({ bypassesPolicies }: PlatformOptions): Promise<Platforms> {
  const databases = await createDatabases();
  const suffix = randomBytes(4).toString('hex');
  const named = (name: string): string => `${name}_${suffix}`;
  const roles: PlatformRoles = {
    master: named('rds_master'),
    reader: named('reader'),
    writer: named('writer'),
    admin: named('supabase_admin'),
    auth: named('supabase_auth_admin'),
  };
  const nameOf = (url: string): string => new URL(url).pathname.slice(1);
  await query(databases.sourceAdmin, ROLES(roles, bypassesPolicies));
  await query(databases.sourceAdmin, SOURCE(roles, nameOf(databases.source)));
  await query(databases.targetAdmin, TARGET(roles, nameOf(databases.target)));
  const drop = async (): Promise<void> => {
    const list = Object.values(roles).join(', ');
    // What they own and were granted goes with the databases.
    await databases.drop();
    const outside = new URL(databases.sourceAdmin);
    outside.pathname = '/postgres';
    await query(outside.href, `drop role ${list}`);
  };
  const source = as(databases.source, roles.reader);
  return { roles, databases: { ...databases, source, target: as(databases.target, roles.writer), drop } };
}
