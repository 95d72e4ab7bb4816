// node tests/bench/paint.mjs DIR [--embedded] [--rounds 9], after npm run build and a run of DIR: how soon the dashboard's
// pages are painted on loopback, in Chromium, each in a browser context of its own. Beside it stands an empty page with one
// word, served by this process in the same rounds: what the browser itself takes. Medians of milliseconds.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  options: { embedded: { type: 'boolean', default: false }, rounds: { type: 'string', default: '9' } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error('which project? node tests/bench/paint.mjs DIR');
const CLI = fileURLToPath(new URL('../../dist/bin/etl/main.js', import.meta.url));

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function dashboard() {
  const args = [CLI, 'ui', folder, '--port', '0', ...(values.embedded ? ['--embedded'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout) {
    const found = /http:\/\/[\w.:[\]-]+/.exec(text);
    if (found !== null) return { child, origin: found[0] };
  }
  throw new Error('etl ui has ended');
}

async function emptyPage() {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'no-store' });
    response.end('<!doctype html><html lang="en"><title>empty</title><body><h1>empty</h1></body></html>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Milliseconds from the navigation's start: its first contentful paint, and when its heading stood there with its data. */
async function look(browser, address, weighs) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  let bytes = 0;
  const bodies = [];
  page.on('response', (response) => {
    if (weighs && /\.(js|css)$/.test(response.url()))
      bodies.push(response.body().then((body) => (bytes += body.length)));
  });
  await page.goto(address);
  const found = await page.evaluate(async () => {
    const isThere = () =>
      document.querySelector('main[aria-busy]') === null && document.querySelector('h1') !== null;
    while (!isThere()) await new Promise((resume) => requestAnimationFrame(resume));
    await new Promise((resume) => requestAnimationFrame(() => setTimeout(resume)));
    const drawn = performance.now();
    const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    while (paint() === undefined) await new Promise((resume) => setTimeout(resume, 5));
    return { paint: paint(), drawn };
  });
  await Promise.all(bodies);
  await context.close();
  return { ...found, bytes };
}

const ui = await dashboard();
const empty = await emptyPage();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  const { mappings } = await (await fetch(`${ui.origin}/api/runs/last`)).json();
  const largest = mappings.toSorted((a, b) => b.read - a.read)[0]?.mapping ?? '';
  const pages = [
    ['an empty page', `${empty.origin}/`],
    ['runs', `${ui.origin}/#/runs`],
    ['run', `${ui.origin}/#/run/last`],
    ['graph', `${ui.origin}/#/run/last/graph`],
    [`mapping ${largest}`, `${ui.origin}/#/run/last/mapping/${encodeURIComponent(largest)}`],
    ['rejects', `${ui.origin}/#/run/last/rejects`],
  ];
  const weights = new Map();
  const seen = new Map(pages.map(([name]) => [name, []]));
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const [name, address] of pages) {
      // The first round starts the browser's own processes and the server's connections; in it bodies are weighed.
      const one = await look(browser, address, round === 0);
      if (round === 0) weights.set(name, one.bytes);
      else seen.get(name).push(one);
    }
  }
  const rows = [...seen].map(([name, all]) => ({
    page: name,
    'first paint ms': Math.round(median(all.map(({ paint }) => paint))),
    'with its data ms': Math.round(median(all.map(({ drawn }) => drawn))),
    'script and style bytes': weights.get(name),
  }));
  console.table(rows);
  const [base, ...others] = rows;
  const slowest = Math.max(...others.map((row) => row['first paint ms']));
  const ratio = (slowest / base['first paint ms']).toFixed(1);
  console.log(`the slowest first paint is ${slowest} ms, ${ratio} times that of an empty page`);
} finally {
  await browser.close();
  empty.server.close();
  ui.child.kill('SIGINT');
}
