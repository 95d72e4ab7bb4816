import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  DashboardAudit,
  DashboardBatches,
  DashboardComparison,
  DashboardGraph,
  DashboardMapping,
  DashboardProject,
  DashboardRejects,
  DashboardRow,
  DashboardRun,
  DashboardRuns,
} from '../../engine/contract/dashboard.js';
import { createProject, type TestProject } from '../support/project.js';
import { Dashboard } from './dashboard.js';

/** Names that would do something if they were not only text. */
const EVIL = `<img src=x onerror=alert(1)>"'&😀`;
const SLOW = 100_000;

const FILES = {
  source: `
    create table owner (id text primary key, name text, secret text);
    insert into owner select i::text, 'owner ' || i, 'hidden ' || i from generate_series(1, 60) i;
    insert into owner values ('${EVIL.replaceAll("'", "''")}', null, 'hidden evil');
    update owner set name = null where id = '7';
    create table pet (id int primary key, owner text, kind text);
    insert into pet select i, (1 + i % 60)::text, 'cat' from generate_series(1, 600) i;
    update pet set owner = '7' where id between 10 and 12;
    update pet set kind = 'gone' where id between 100 and 104;
    create table toy (id int primary key, pet int); insert into toy values (1, 10), (2, 11), (3, 300);
    create table label (id int, text text); insert into label values (10, 'a'), (11, 'b'), (300, 'c')`,
  target: `create table owner (id text primary key, name text not null, secret text check (secret <> 'hidden 9'));
    create table pet (id int primary key, owner text references owner, kind text);
    create table toy (id int primary key, pet int, label text)`,
  mappings: {
    'mappings/owner.yaml': `description: who has pets
source: { table: owner, key: id, sensitive: [secret] }
target: { table: owner, key: id }
columns:
  id: id
  name: { from: name }
  secret: secret
max_rejects: 99%`,
    'mappings/pet.yaml': `source:
  table: pet
  key: id
  skip_when:
    dead: kind = 'gone'
target: { table: pet, key: id }
columns:
  id: id
  owner: { from: owner, references: owner }
  kind: kind
rules:
  - { sql: "id <> 20", severity: warn, name: odd }
max_rejects: 99%`,
    'mappings/toy.yaml': `source: { table: toy, key: id }
target: { table: toy, key: id }
columns:
  id: id
  pet: { from: pet, references: pet, missing: reject }
  label: { from: pet, lookup: { query: 'select id, text from label', key: id, value: text } }
max_rejects: 99%`,
  },
  settings: 'defaults: { batch_rows: 100 }',
};

let project: TestProject;
let page: Dashboard;
let run = '';
let edited = '';

/** What SQL says, in the shape of a path's answer. */
const truth = async (sql: string): Promise<readonly Record<string, unknown>[]> => project.target(sql);

beforeAll(async () => {
  project = await createProject(FILES);
  ({ run } = await project.run());
  page = await Dashboard.start(project);
}, 120_000);

afterAll(async () => {
  await page.stop();
  await project.drop();
});

describe('the answers of etl ui', () => {
  it('are the state', async () => {
    const known = await page.get<DashboardProject>('/api/project');
    expect(known).toMatchObject({ version: 1, project: 'trial', problem: null });
    expect(known.mappings.map(({ name, table }) => [name, table])).toEqual([['owner', 'owner'], ['pet', 'pet'], ['toy', 'toy']]); // prettier-ignore
    expect(JSON.stringify(known.connections)).not.toContain(new URL(project.databases.target).password);
    const seen = await page.get<DashboardRun>('/api/runs/last');
    expect(seen).toEqual({ ...(await page.get<DashboardRun>(`/api/runs/${run}`)), at: seen.at });
    const [sums] = await truth(
      `select sum(read)::int "read", sum(inserted)::int inserted, sum(rejected)::int rejected, sum(skipped)::int skipped from etl.steps`,
    );
    expect(seen.run).toMatchObject({ ...sums, status: 'succeeded', verdict: 'GO WITH EXCEPTIONS', run });
    expect(seen).toMatchObject({ alive: false, unfinished: null, critical_path: ['owner', 'pet', 'toy'] });
    expect(seen.reasons).toContainEqual(expect.stringMatching(/rows were rejected in 3 mappings/));
    expect(seen.reports).toEqual(['html', 'json', 'markdown', 'junit']);
    const steps = await truth(
      'select mapping, sum(read)::int "read", sum(rejected)::int rejected from etl.steps group by 1 order by 1',
    );
    expect(
      seen.mappings.map(({ mapping, read, rejected }) => ({ mapping, read, rejected })).sort((a, b) => (a.mapping < b.mapping ? -1 : 1)),
    ).toEqual(steps); // prettier-ignore
    expect(seen.spent?.program).toBeGreaterThan(0);
    const metrics = await page.ask('/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toMatch(/_total\{[^}]*mapping="pet"[^}]*\} 600\n/);
  });

  it('tell of one mapping what decided about its rows', async () => {
    const pet = await page.get<DashboardMapping>('/api/runs/last/mappings/pet');
    expect(pet).toMatchObject({ source: 'pet', table: 'pet', unexplained: 0, warnings: 1 });
    expect(pet.references).toMatchObject([
      { column: 'owner', mapping: 'owner', missing: expect.any(Number) as number },
    ]);
    expect(pet.checks.length).toBeGreaterThan(0);
    expect(pet.yaml).toMatchObject({ changed: false, text: FILES.mappings['mappings/pet.yaml'] });
    const lineOf = (text: string): number =>
      (pet.yaml?.text.split('\n').findIndex((line) => line.includes(text)) ?? -2) + 1;
    expect(pet.lines.map(({ line, kind, rules }) => [line, kind, rules])).toEqual([
      [lineOf('dead:'), 'skipped', ['dead']],
      [lineOf('owner:'), 'reject', ['references']],
      [lineOf('- { sql'), 'warning', ['odd']],
    ]);
    expect(pet.lines[0]?.rows).toBe(5);
    expect(pet.ranges.reduce((sum, range) => sum + range.read, 0)).toBe(600);
    expect(pet.samples.at(-1)?.read ?? 600).toBe(600);
    expect(pet.settings.map(({ name }) => name)).toContain('constraints');
    const batches = await page.get<DashboardBatches>('/api/runs/last/batches?mapping=pet&limit=2');
    const behind = await page.get<DashboardBatches>(`/api/runs/last/batches?mapping=pet&limit=999&after=${batches.next ?? ''}`); // prettier-ignore
    const of = await truth("select xid::text from etl.batches where mapping = 'pet' order by xid");
    expect([...batches.batches, ...behind.batches].map(({ transaction }) => transaction)).toEqual(of.map(({ xid }) => xid)); // prettier-ignore
    const { svg } = await page.get<DashboardGraph>('/api/runs/last/graph');
    expect([...svg.matchAll(/<g [^>]*data-mapping="(\w+)"/g)].map(([, name]) => name).sort()).toEqual(['owner', 'pet', 'toy']); // prettier-ignore
    expect([...svg.matchAll(/data-outside="(\w+)"/g)].map(([, name]) => name)).toEqual(['label']);
    expect(svg).not.toMatch(/<script|javascript:/);
  });

  it('follow a row to the first cause and to all that hangs on it; names stay text', async () => {
    const owner = await page.get<DashboardRow>('/api/runs/last/row?mapping=owner&key=7');
    expect(owner.rejects).toMatchObject([{ kind: 'reject', mapping: 'owner', column: 'name', run }]);
    expect(owner.chain).toEqual([]);
    const hanging = await truth(
      `with pets as (select source_key from etl.rejects where mapping = 'pet' and value = '7')
       select (select count(*) from pets)::int + (select count(*) from etl.rejects
         where mapping = 'toy' and value in (select source_key from pets))::int n`,
    );
    expect(owner.dependant_count).toBe(hanging[0]?.['n']);
    expect(owner.dependants.some(({ mapping, key }) => mapping === 'toy' && key === '1')).toBe(true);
    const fields = Object.fromEntries(owner.row.map(({ field, value }) => [field, value]));
    expect(fields['id']).toBe('7');
    expect(JSON.stringify(owner)).not.toContain('hidden');
    expect(owner.excerpt?.text[owner.excerpt.line - owner.excerpt.first]).toContain('name: { from: name }');
    expect(owner.advice).toMatch(/default/);
    const toy = await page.get<DashboardRow>('/api/runs/last/row?mapping=toy&key=1');
    expect(toy.chain.map(({ mapping, key }) => [mapping, key])).toEqual([['pet', '10'], ['owner', '7']]); // prettier-ignore
    const evil = await page.ask(`/api/runs/last/row?mapping=owner&key=${encodeURIComponent(EVIL)}`);
    expect(JSON.parse(evil.text)).toMatchObject({ key: EVIL, rejects: [{ key: EVIL }] });
    expect(evil.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' }); // prettier-ignore
  });

  it('give the reports in a box of their own', async () => {
    for (const [ending, type] of [['html', 'text/html'], ['json', 'application/json'], ['md', 'text/markdown'], ['xml', 'xml']]) {
      const { status, headers } = await page.ask(`/reports/${run}.${ending ?? ''}`);
      expect([ending, status, headers['content-type']]).toEqual([ending, 200, expect.stringContaining(type ?? '')]);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'.*sandbox$/);
    } // prettier-ignore
    const html = await page.ask(`/reports/${run}.html`);
    expect(html.headers['content-security-policy']).toMatch(/style-src 'sha256-/);
    expect(html.text).not.toContain('<img src=x');
    for (const none of ['x.html', `${run}.exe`, run])
      expect((await page.ask(`/reports/${none}`)).status).toBe(404);
  });

  it('page through 100,000 rejects with a filter, without loss or repetition', async () => {
    await project.target(`
      insert into etl.rejects (run, mapping, source_key, column_name, rule, reason, value, "row", file, line)
      select '${run}', 'pet', 'big ' || i, case when i % 20 = 0 then 'kind' else 'owner' end, 'length', 'reason ' || i % 7,
        'Value ' || i, '{}', 'mappings/pet.yaml', 3 from generate_series(1, ${String(SLOW)}) i;
      analyze etl.rejects`);
    const filter = 'rule=length&column=kind&mapping=pet';
    const keys: (string | null)[] = [];
    for (let after: string | null = ''; after !== null;) {
      const { rejects, next, total }: DashboardRejects = await page.get<DashboardRejects>(
        `/api/runs/last/rejects?${filter}&limit=1000&after=${after}`,
      );
      expect(total).toBe(SLOW / 20);
      keys.push(...rejects.map(({ key }) => key));
      after = next;
    }
    expect(keys.length).toBe(SLOW / 20);
    expect(new Set(keys).size).toBe(SLOW / 20);
    const ask = (words: string): Promise<DashboardRejects> => page.get(`/api/runs/last/rejects?${words}`);
    const found = await ask('text=vALUE%2099999&limit=5');
    expect(found.rejects.map(({ key }) => key)).toEqual(['big 99999']);
    expect(found.groups).toMatchObject([
      { mapping: 'pet', column: 'owner', rule: 'length', rows: 1, line: 3 },
    ]);
    expect((await ask('key=big%2020')).total).toBe(1);
    expect((await ask('kind=skipped')).groups).toMatchObject([{ mapping: 'pet', rule: 'dead', rows: 5 }]);
    expect((await ask('kind=warning')).rejects).toMatchObject([{ kind: 'warning', key: '20', rule: 'odd' }]);
    const [open] = await truth("select count(*)::int n from etl.open_rejects where project = 'trial'");
    expect((await ask('kind=open&limit=1')).total).toBe(open?.['n']);
    expect((await ask('kind=open&rule=length&limit=1')).total).toBe(SLOW);
    for (const bad of ['after=x', 'after=WzEsMl0', 'kind=none', 'limit=0', 'limit=x', 'mapping=%00']) {
      expect([bad, (await page.ask(`/api/runs/last/rejects?${bad}`)).status]).toEqual([bad, 400]);
    }
    await project.target("delete from etl.rejects where rule = 'length'");
  }, 60_000);

  it('compare two runs, and list runs and audit by pages', async () => {
    const text = FILES.mappings['mappings/pet.yaml'];
    await project.write(
      'mappings/pet.yaml',
      text.replace('kind: kind', 'kind: { from: kind, steps: [upper] }'),
    );
    await project.source("update owner set name = 'mended' where id = '7'");
    ({ run: edited } = await project.run());
    const both = await page.get<DashboardComparison>(`/api/compare?a=${run}&b=${edited}`);
    expect(both.mappings.map(({ mapping, edited: is }) => [mapping, is])).toEqual([['owner', false], ['pet', true], ['toy', false]]); // prettier-ignore
    expect(both.mappings[1]?.a).toMatchObject({ status: 'succeeded', skipped: 5 });
    expect(both.rejects.find(({ mapping, column }) => mapping === 'owner' && column === 'name')).toMatchObject({ a: 2, b: 1 }); // prettier-ignore
    const first = await page.get<DashboardRuns>('/api/runs?limit=1');
    expect([first.runs.map((line) => line.run), first.next]).toEqual([[edited], edited]);
    const second = await page.get<DashboardRuns>(`/api/runs?limit=1&before=${edited}`);
    expect([second.runs.map((line) => line.run), second.next]).toEqual([[run], null]);
    const history = await page.get<DashboardRow>(`/api/runs/${edited}/row?mapping=owner&key=7`);
    expect(history.history.map((one) => one.run)).toEqual([run]);
    const old = await page.get<DashboardMapping>(`/api/runs/${run}/mappings/pet`);
    expect(old.yaml?.changed).toBe(true);
    const ids: number[] = [];
    for (let before: string | null = ''; before !== null;) {
      const audit: DashboardAudit = await page.get<DashboardAudit>(`/api/audit?limit=2&before=${before}`);
      expect(audit.chain).toMatchObject({ holds: true });
      ids.push(...audit.entries.map(({ id }) => id));
      before = audit.next;
    }
    const written = await truth("select id::int from etl.audit where project = 'trial' or project is null order by id desc"); // prettier-ignore
    expect(ids).toEqual(written.map(({ id }) => id));
  });
});

/** Starts a dashboard with `--open`, and gives what the system's program for addresses is told, word for word. */
async function opened(
  args: readonly string[],
): Promise<{ readonly dashboard: Dashboard; readonly told: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-open-'));
  const said = path.join(folder, 'said');
  const script = `#!/bin/sh\nprintf '%s' "$*" > ${said}.new && mv ${said}.new ${said}\n`;
  await writeFile(path.join(folder, 'xdg-open'), script, { mode: 0o755 });
  const { PATH = '' } = process.env;
  process.env['PATH'] = `${folder}:${PATH}`;
  const starting = Dashboard.start(project, [...args, '--open']);
  process.env['PATH'] = PATH;
  try {
    const dashboard = await starting;
    return {
      dashboard,
      told: await vi.waitFor(() => readFile(said, 'utf8'), { timeout: 30_000, interval: 50 }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('the door of etl ui', () => {
  it('opens to whoever reads, under its own name', async () => {
    const refused: readonly (readonly [number, string, Record<string, string>, string])[] = [
      [405, '/api/runs', {}, 'POST'],
      [405, '/api/runs', {}, 'DELETE'],
      [405, '/', {}, 'OPTIONS'],
      [421, '/', { host: 'evil.example' }, 'GET'],
      [421, '/', { host: `127.0.0.1.evil.example:${String(page.port)}` }, 'GET'],
      [421, '/', { host: '10.0.0.1' }, 'GET'],
      [404, '/../../../../etc/passwd', {}, 'GET'],
      [404, '/..%2f..%2fpackage.json', {}, 'GET'],
      [404, '/%2e%2e/%2e%2e/etc/passwd', {}, 'GET'],
      [404, '//etc/passwd', {}, 'GET'],
      [404, '/api/runs/x', {}, 'GET'],
      [400, '/api/runs/%ff', {}, 'GET'],
      [400, '/api/runs/%00', {}, 'GET'],
      [404, `/api/runs/last/mappings/${encodeURIComponent("x' or 1=1 --")}`, {}, 'GET'],
      [400, '/api/runs/last/row?mapping=pet', {}, 'GET'],
      [400, 'http://evil.example/', {}, 'GET'],
      [404, '/api/nothing', {}, 'GET'],
    ];
    for (const [status, path, headers, method] of refused) {
      const answered = await page.ask(path, headers, method);
      expect([path, method, answered.status]).toEqual([path, method, status]);
      expect(JSON.parse(answered.text)).toHaveProperty('error');
    }
    for (const host of [`127.0.0.1:${String(page.port)}`, `localhost:${String(page.port)}`, '[::1]']) {
      expect((await page.ask('/', { host })).status).toBe(200);
    }
    const head = await page.ask('/api/runs', {}, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await page.ask('/')).headers).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
      ) as string,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('asks for the token where there is one, and is not opened to others without', async () => {
    const token = 'a-token-of-24-characters';
    process.env['CROSSWALK_UI_TOKEN'] = token;
    const { dashboard: guarded, told } = await opened(['--host', '0.0.0.0']);
    delete process.env['CROSSWALK_UI_TOKEN'];
    // No browser reaches an address that means all of them.
    expect(told).toBe(`http://127.0.0.1:${String(guarded.port)}/?token=${token}`);
    expect(guarded.url).not.toContain(token);
    const host = `127.0.0.1:${String(guarded.port)}`;
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { cookie: 'crosswalk=wrong' }]) {
      expect((await guarded.ask('/api/runs', { host, ...headers })).status).toBe(401);
    }
    expect((await guarded.ask('/', { host })).status).toBe(401);
    expect((await guarded.ask('/api/runs', { host, authorization: `Bearer ${token}` })).status).toBe(200);
    const welcome = await guarded.ask(`/?token=${token}`, { host });
    expect([welcome.status, welcome.headers.location]).toEqual([303, '/']);
    const [cookie = ''] = welcome.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await guarded.ask('/api/runs', { host, cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
    const elsewhere = await guarded.ask(`//evil.example/?token=${token}`, { host });
    expect(elsewhere.headers.location).toBe('/evil.example/');
    expect(await guarded.stop()).toBe(0);
    for (const args of [
      ['--host', '0.0.0.0'],
      ['--token', 'short'],
      ['--token-file', '/nowhere'],
      ['--port', String(page.port)],
    ]) {
      const { code, output } = await project.spawn(args, 'ui').ended;
      expect([args, code, output]).toEqual([args, 2, expect.stringMatching(/error: .*\n.*help: /s)]);
    }
  });

  it('says what it cannot read, and reads it when it is there again', async () => {
    await project.target('update etl.version set version = 2');
    const older = await page.ask('/api/runs');
    expect([older.status, older.text]).toEqual([409, expect.stringContaining('an older Crosswalk')]);
    await project.target('alter schema etl rename to away');
    expect(await page.get('/api/runs')).toEqual({ runs: [], next: null });
    await project.target('alter schema away rename to etl');
    await project.target(
      'update etl.version set version = (select max(version) from (values (5)) v (version))',
    );
    await wait(10);
    expect((await page.get<DashboardRuns>('/api/runs')).runs.length).toBe(2);
    await project.target(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crosswalk trial' and datname = current_database()`,
    );
    expect((await page.get<DashboardRuns>('/api/runs')).runs.length).toBe(2);
  });
});
