import path from 'node:path';
import { ConninfoError, take } from './conninfo.js';
import type { ParameterName, Said } from './parameters.js';
import { homeFile, textOf, type World } from './world.js';

/**
 * What a service file says of a service: `PGSERVICEFILE`, else `~/.pg_service.conf`, then `pg_service.conf` in
 * `PGSYSCONFDIR`; the first file that knows it.
 * @throws ConninfoError where none does
 */
export function readService(name: string, file: string | undefined, world: World): Said {
  const system = world.env['PGSYSCONFDIR'];
  const own = file ?? homeFile(world, '.pg_service.conf', '.pg_service.conf');
  const files = [own, system === undefined ? null : path.join(system, 'pg_service.conf')];
  for (const one of files) {
    const said = one === null ? null : sectionOf(one, name);
    if (said !== null) return said;
  }
  const looked = files.filter((one) => one !== null).join(', ');
  throw new ConninfoError(
    `the service "${name}" is in none of ${looked}`,
    `write it there: [${name}], below it lines like host=db.example.com`,
  );
}

function sectionOf(file: string, name: string): Said | null {
  const text = read(file);
  if (text === null) return null;
  let said: Map<ParameterName, string> | null = null;
  for (const [n, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (said !== null) return said;
      if (line === `[${name}]`) said = new Map();
    } else if (said !== null) {
      takeLine(said, line, `${file}:${String(n + 1)}`);
    }
  }
  return said;
}

function takeLine(said: Map<ParameterName, string>, line: string, where: string): void {
  const at = line.indexOf('=');
  const key = line.slice(0, Math.max(0, at)).trim();
  if (at < 0 || key === 'service' || key === 'servicefile') {
    throw new ConninfoError(
      `${where}: ${at < 0 ? 'no key=value' : 'a service names no other one'}`,
      'a line reads key=value',
    );
  }
  try {
    take(said, key, line.slice(at + 1).trim());
  } catch (error) {
    if (!(error instanceof ConninfoError)) throw error;
    throw new ConninfoError(`${where}: ${error.message}`, error.help);
  }
}

function read(file: string): string | null {
  try {
    return textOf(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConninfoError(`the service file ${file} cannot be read: ${why}`, 'make it readable');
  }
}
