import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createProject, type Child, type TestProject } from '../support/project.js';
import { axeFindings, hasChromium, launch, overflow, watch, type Faults } from './browser.js';
import { EVIL, FILES, serve, type Server } from './page-project.js';

const MANY = 100_000;

/** As one run would have left them, had it had so many. */
const MANY_REJECTS = `insert into etl.rejects (run, mapping, source_key, column_name, rule, reason, value, file, line)
  select $1, 'notes', 'made-' || n, case when n % 4 = 0 then 'text' else 'person_id' end, case when n % 4 = 0 then 'length' else 'references' end,
    'reason ' || n, 'value ' || n, 'notes.yaml', 6 from generate_series(1, ${String(MANY)}) n`;

/** The source reads in the order of the key and sends what it has, rather than sorting all of it before the first row. */
const STREAMED = `do $$ begin execute format('alter database %I set enable_sort = off', current_database()); end $$`;

let project: TestProject;
let server: Server;
let browser: Browser;
let first: string;
const faults: Faults = [];
const children: Child[] = [];

async function open(hash: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(30_000);
  onTestFinished(() => page.close());
  watch(page, server.origin, faults);
  await page.goto(`${server.origin}/${hash}`);
  return page;
}

/** A view is there with its data: its heading stands. */
const drawn = (page: Page): Promise<unknown> => page.locator('main:not([aria-busy]) h1').waitFor();

function spawnRun(args: readonly string[] = [], command = 'run'): Child {
  const child = project.spawn(args, command);
  children.push(child);
  return child;
}

describe.skipIf(!hasChromium)(
  'the dashboard in Chromium (skipped where /usr/bin/chromium is missing)',
  () => {
    beforeAll(async () => {
      [project, browser] = await Promise.all([createProject(FILES), launch()]);
      first = (await project.run()).run;
      await project.target(MANY_REJECTS, [first]);
      server = await serve(project.folder);
    });
    afterAll(async () => {
      await browser.close();
      server.process.kill('SIGKILL');
      for (const { process } of children) process.kill('SIGKILL');
      await project.drop();
    });

    test('100,000 rejects are grouped, filtered and paged; the address says where one is', async () => {
      const page = await open(`#/run/${first}/rejects`);
      await page.getByText('1 to 100 of 100,').first().waitFor();
      await page.keyboard.press('/');
      expect(await page.evaluate('document.activeElement.name')).toBe('mapping');
      await page.getByLabel('Rule').fill('length');
      await page.getByLabel('Source key').fill('made-4');
      await page.keyboard.press('Enter');
      await page.getByText('1 to 1 of 1 row', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Clear' }).click();
      await page.getByText('1 to 100 of 100,').first().waitFor();
      await page.getByLabel('Rule').fill('length');
      await page.keyboard.press('Enter');
      await page.getByText('1 to 100 of 25,000 rows').first().waitFor();
      const keysOf = (): Promise<string[]> => page.locator('[aria-label=Rows] tbody th').allTextContents();
      const one = await keysOf();
      await page.getByRole('link', { name: 'Next page' }).first().click();
      await page.getByText('101 to 200 of 25,000 rows').first().waitFor();
      const two = await keysOf();
      expect(new Set([...one, ...two]).size).toBe(200);
      await page.reload();
      await page.getByText('101 to 200 of 25,000 rows').first().waitFor();
      await page.goBack();
      await page.getByText('1 to 100 of 25,000 rows').first().waitFor();
      expect(await keysOf()).toEqual(one);
    });

    test('from the list of runs to a rejected row with the keyboard alone', async () => {
      const page = await open('#/runs');
      await page.getByRole('link', { name: first, exact: true }).waitFor();
      const tabTo = async (name: string): Promise<void> => {
        for (let n = 0; n < 80; n += 1) {
          await page.keyboard.press('Tab');
          if ((await page.evaluate('document.activeElement.textContent')) === name) return;
        }
        throw new Error(`no Tab leads to ${name}`);
      };
      await tabTo(first);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: `Run ${first}` }).waitFor();
      await tabTo('people');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'people' }).waitFor();
      await tabTo('31 rows rejected (not_null)');
      await page.keyboard.press('Enter');
      await page.getByText('1 to 31 of 31 rows').first().waitFor();
      await tabTo(EVIL);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: `Row ${EVIL} of people` }).waitFor();
      // The note that needed it.
      await page.getByRole('link', { name: '1001' }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    });

    test('every view: both widths and colours, axe, texts of strangers', async () => {
      const key = encodeURIComponent(EVIL);
      const views = [
        '#/runs',
        `#/run/${first}`,
        `#/run/${first}/graph`,
        `#/run/${first}/mapping/people?line=6`,
        `#/run/${first}/rejects?kind=open&mapping=people`,
        `#/run/${first}/row?mapping=people&key=${key}`,
        '#/run/no-such-run',
        '#/audit',
        `#/compare?a=${first}&b=${first}`,
      ];
      const found: string[] = [];
      const looks = [1280, 390].flatMap((width) =>
        (['light', 'dark'] as const).map((colors) => ({ width, colors })),
      );
      const page = await open('#/runs');
      for (const view of views) {
        await page.goto('about:blank');
        await page.goto(`${server.origin}/${view}`);
        await drawn(page);
        for (const { width, colors } of looks) {
          const look = `${view} at ${String(width)} ${colors}`;
          await page.setViewportSize({ width, height: 844 });
          await page.emulateMedia({ colorScheme: colors });
          const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
          expect([look, background]).toEqual([
            look,
            colors === 'dark' ? 'rgb(20, 24, 29)' : 'rgb(255, 255, 255)',
          ]);
          if ((await overflow(page)) > 0) found.push(`${look}: wider than the window`);
          found.push(
            ...(await axeFindings(page, colors === 'light' ? 'all' : 'colours')).map(
              (each) => `${look}: ${each}`,
            ),
          );
        }
        if ((await page.evaluate('window.pwned')) !== undefined) found.push(`${view}: a text was run`);
      }
      expect(found).toEqual([]);
    }, 180_000);

    test('script and style are small, the switch of colours is kept', async () => {
      const page = await browser.newPage();
      onTestFinished(() => page.close());
      let bytes = 0;
      const bodies: Promise<void>[] = [];
      page.on('response', (response) => {
        if (/\.(js|css)$/.test(response.url()))
          bodies.push(response.body().then((body) => void (bytes += body.length)));
      });
      await page.goto(`${server.origin}/#/runs`);
      await drawn(page);
      await Promise.all(bodies);
      expect(bytes).toBeGreaterThan(10_000);
      expect(bytes).toBeLessThan(150_000);
      await page.getByRole('button', { name: 'Colours: auto' }).click();
      await page.getByRole('button', { name: 'Colours: light' }).click();
      await page.reload();
      await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 24, 29)');
    });

    test('a run is watched, killed, gone on with and ends, while the page stays', async () => {
      await project.source(STREAMED);
      await project.source('update pace set seconds = 0.03');
      const page = await open('#/run/last');
      await page.getByRole('heading', { name: `Run ${first}` }).waitFor();
      await page.evaluate('window.kept = true');
      const run = spawnRun(['--fresh']);
      const state = page.locator('.headline');
      await state.getByText('running').waitFor();
      const notes = page.locator('[aria-label=Mappings] tr[data-key=notes]');
      await notes.getByText('running').waitFor();
      await page.waitForFunction(`document.title.includes('% running')`);
      const read = async (): Promise<number> =>
        Number(
          (await notes.locator('[data-label="Read of expected"]').innerText())
            .replace(/,/g, '')
            .split(/\s/)[0],
        );
      await notes.getByRole('link', { name: 'notes' }).focus();
      const before = await read();
      await expect.poll(read, { timeout: 20_000 }).toBeGreaterThan(before);
      expect(await page.evaluate('document.activeElement.textContent')).toBe('notes');
      run.process.kill('SIGKILL');
      await run.ended;
      await state.getByText('cut off').waitFor();
      await page.getByText('This run is not finished.').waitFor();
      expect(await page.locator('.command code').first().innerText()).toMatch(/^etl (resume|run)/);
      await project.source('update pace set seconds = 0');
      const again = spawnRun([], 'resume');
      await state.getByText('succeeded').waitFor();
      expect((await again.ended).code).toBe(0);
      await page.getByText('the accounting closes').waitFor();
      await page.waitForFunction(`document.title.includes('succeeded')`);
      expect(await page.getByText('This run is not finished.').count()).toBe(0);
      expect(await page.evaluate('window.kept')).toBe(true);
    }, 120_000);

    test('a server that goes away is said, and its return is noticed', async () => {
      const page = await open('#/run/last');
      await drawn(page);
      const port = Number(new URL(server.origin).port);
      // Not being answered is what is tried here: the browser's own words on that are no fault.
      page.removeAllListeners('console');
      server.process.kill('SIGKILL');
      await once(server.process, 'close');
      await page.getByText('Not live since').waitFor();
      server = await serve(project.folder, port);
      await page.getByText('Not live since').waitFor({ state: 'detached' });
    });

    test('no view broke a rule on its way', () => {
      // The view of a run that does not exist asks for it, and the browser notes the 404.
      expect(faults.filter((fault) => !fault.includes('404'))).toEqual([]);
    });
  },
);
