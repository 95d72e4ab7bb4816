import { spawn } from 'node:child_process';
import { EXIT, EtlError } from '../../contract/errors.js';
import { stampOf } from '../../mapping/index.js';
import { isAny, isLoopback } from '../../ui/guard.js';
import { serve } from '../../ui/server.js';
import { err, out, type Output } from '../io.js';
import { readProject } from '../project.js';
import { untilSignal } from '../signals.js';
import { siteOf } from '../ui/site.js';
import { readToken, type TokenFlags } from '../ui/token.js';

export interface UiFlags extends TokenFlags {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly open: boolean;
  readonly embedded: boolean;
}

/** `etl ui`: the dashboard's server, until a signal ends it, which is its success. Reads only. */
export async function uiCommand(folder: string, flags: UiFlags, output: Output): Promise<number> {
  const token = await readToken(flags, process.env);
  if (token === null && !isLoopback(flags.host)) {
    throw new EtlError(`--host ${flags.host} can be reached from other machines: a token is needed`, {
      exitCode: EXIT.usage,
      help: 'set CROSSWALK_UI_TOKEN, or name --token-file FILE or --token auto',
    });
  }
  const stamp = await stampOf(folder);
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const { project } = loaded;
  const { host } = flags;
  const site = siteOf({ loaded, stamp }, folder, flags.embedded);
  const dashboard = await serve(site, { host, port: flags.port, token });
  const ended = untilSignal();
  const place = placeOf(host, dashboard.port);
  // A token that somebody has chosen is known to him, and stays out of logs.
  const url = flags.token === 'auto' ? `${place}?token=${token ?? ''}` : place;
  out(output.json ? JSON.stringify({ version: 1, project: project.name, url }, null, 2) : url);
  if (!output.quiet) err(`the dashboard of ${project.name}; Ctrl-C ends it`);
  if (flags.open) {
    // No browser reaches an address that means all of the machine's.
    const near = placeOf(isAny(host) ? '127.0.0.1' : host, dashboard.port);
    openBrowser(token === null ? near : `${near}?token=${token}`);
  }
  await ended;
  await dashboard.close();
  return EXIT.done;
}

const placeOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}/`;

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
};

/** No shell is asked, so that nothing in the address is carried out. */
function openBrowser(url: string): void {
  const [program = 'xdg-open', ...words] = OPENERS[process.platform] ?? [];
  const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {
    err(`${program} is not there: open the address yourself`);
  });
  child.unref();
}
