/** Colours stand in variables: light, dark by preference, and light again on paper. */
const PALETTE = `
:root { color-scheme: light dark;
  --page: #fff; --ink: #1c2127; --soft: #59636e; --faint: #9aa3ad; --line: #dfe3e8; --panel: #f5f7f9;
  --good: #1a7044; --warn: #8f5a00; --bad: #b3261e; --bar: #8fb0d0; --bar-strong: #27588a;
  --good-bg: #e9f5ee; --warn-bg: #fdf3df; --bad-bg: #fcebe9; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14181d; --ink: #e4e8ec; --soft: #a3adb8; --faint: #6d7782; --line: #2e353d; --panel: #1b2027;
  --good: #6fcf97; --warn: #e5b454; --bad: #f28b82; --bar: #4b6e91; --bar-strong: #8fc1f2;
  --good-bg: #15291f; --warn-bg: #2c2413; --bad-bg: #301a19; } }
@media print { :root { color-scheme: light;
  --page: #fff; --ink: #000; --soft: #444; --faint: #888; --line: #bbb; --panel: #f5f7f9;
  --good: #1a7044; --warn: #8f5a00; --bad: #b3261e; --bar: #8fb0d0; --bar-strong: #27588a;
  --good-bg: #e9f5ee; --warn-bg: #fdf3df; --bad-bg: #fcebe9; } }`;

const TEXT = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
h1, h2, h3, p, dl, dd, ul, figure { margin: 0; padding: 0; }
h2 { font-size: 19px; font-weight: 650; margin: 48px 0 4px; padding-top: 4px; }
h3 { font-size: 15px; font-weight: 650; overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--faint); }
.soft { color: var(--soft); } .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.intro { color: var(--soft); max-width: 100ch; margin-bottom: 14px; }
.note { margin-top: 10px; }
.none { color: var(--soft); }`;

const COVER = `
.cover { border: 1px solid var(--line); border-left: 6px solid var(--tone); border-radius: 6px;
  padding: 28px 32px; background: var(--tone-bg); }
.go { --tone: var(--good); --tone-bg: var(--good-bg); }
.exceptions { --tone: var(--warn); --tone-bg: var(--warn-bg); }
.no-go { --tone: var(--bad); --tone-bg: var(--bad-bg); }
.cover .what { color: var(--soft); overflow-wrap: anywhere; }
.cover .mode { color: var(--warn); max-width: 100ch; }
.cover h1 { color: var(--tone); font-size: 40px; line-height: 1.15; letter-spacing: -0.01em; font-weight: 700; margin: 6px 0 10px; }
.cover .sentence { font-size: 18px; max-width: 72ch; overflow-wrap: anywhere; }
.cover .route { margin-top: 16px; font-size: 14px; }
.cover .reasons { margin: 14px 0 0 1.2em; max-width: 110ch; overflow-wrap: anywhere; }
.cover .reasons li { padding-left: 2px; }
.cover .reasons li::marker { color: var(--tone); }
.cover .reasons .agreed { color: var(--soft); list-style-type: "✓ "; }
.next { margin-top: 18px; border: 1px solid var(--line); border-radius: 6px; padding: 14px 20px 16px; }
.next h2 { font-size: 15px; margin: 0 0 6px; padding: 0; }
.next ol { margin: 0; padding-left: 1.4em; max-width: 105ch; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; margin-top: 18px;
  background: var(--line); border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.figures div { background: var(--page); padding: 12px 16px; display: flex; flex-direction: column; }
.figures dt { color: var(--soft); font-size: 13px; order: 2; }
.figures dd { font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
nav { margin-top: 18px; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; color: var(--soft); }`;

const TABLE = `
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.scroll:focus-visible { outline: 2px solid var(--bar-strong); outline-offset: 2px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: left; vertical-align: baseline; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--panel); color: var(--soft); font-weight: 600; font-size: 13px; white-space: nowrap; }
tbody th { font-weight: 500; }
.group th { color: var(--soft); font-size: 13px; font-weight: 600; padding-top: 14px; }
.n { text-align: right; white-space: nowrap; }
.n.value { white-space: normal; overflow-wrap: anywhere; min-width: 19ch; }
.status { white-space: nowrap; }
.zero { color: var(--faint); }
td.bad, td.warn { font-weight: 600; }
.exact { overflow-wrap: anywhere; min-width: 12ch; }
.words { min-width: 24ch; overflow-wrap: anywhere; }
.sub { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400; }
.sub.bad { color: var(--bad); }
tfoot th, tfoot td { font-weight: 650; border-top: 2px solid var(--faint); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 6px 24px; }
.facts dt { color: var(--soft); } .facts dd { overflow-wrap: anywhere; }
.cause { border: 1px solid var(--line); border-radius: 6px; margin-bottom: 14px; overflow: hidden; }
.cause header { padding: 12px 16px; }
.cause .head { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: baseline; }
.cause .advice { margin-top: 2px; max-width: 90ch; }
.cause .scroll { border: 0; border-top: 1px solid var(--line); border-radius: 0; }
.cause thead th { width: 24%; } .cause thead th:last-child { width: auto; }
.chart .lane { width: 100%; min-width: 240px; padding: 0 12px 0 4px; vertical-align: middle; }
.chart th { white-space: nowrap; } .chart td, .chart tbody th { border-top: 0; padding-top: 0; padding-bottom: 0; line-height: 26px; }
.chart svg { display: block; width: 100%; height: 26px; }
.chart .axis { display: grid; grid-template-columns: repeat(4, 1fr); font-weight: 400; }
.lane line { stroke: var(--line); stroke-width: 1; } .lane rect { fill: var(--bar); } .lane .bad { fill: var(--bad); }`;

const CHARTS = `
.graph { padding: 14px; }
.graph svg { display: block; margin: 0 auto; font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.graph text { fill: var(--soft); text-anchor: middle; } .graph text.name { fill: var(--ink); font-size: 13px; font-weight: 600; }
.graph text.warn { fill: var(--warn); font-weight: 600; }
.graph rect { fill: var(--panel); stroke: var(--faint); } .graph .bad rect { stroke: var(--bad); stroke-width: 2; fill: var(--bad-bg); }
.graph .bad text.name { fill: var(--bad); } .graph .idle rect { stroke-dasharray: 5 3; } .graph .outside rect { stroke-dasharray: 1.5 3; fill: none; }
.graph path { fill: none; stroke: var(--soft); stroke-width: 1.2; } .graph .pass { stroke-dasharray: 5 4; } .graph .tip { fill: var(--soft); stroke: none; }
.mark { color: var(--bar-strong); font-size: 11px; }
.lane .critical { fill: var(--bar-strong); }
.changes { list-style: none; max-width: 110ch; overflow-wrap: anywhere; } .changes li { padding: 2px 0; }`;

const SIGNING = `
.decision { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 14px 0 8px; }
.box { display: inline-block; width: 14px; height: 14px; border: 1.5px solid var(--soft); border-radius: 2px; margin-right: 8px; vertical-align: -2px; }
.lines { display: grid; grid-template-columns: repeat(2, 1fr); gap: 12px 48px; }
.lines div { border-bottom: 1px solid var(--soft); padding-top: 36px; }
.lines p { color: var(--soft); font-size: 13px; }
.blank td { height: 34px; min-width: 14ch; }`;

const SIZES = `
@media screen and (max-width: 700px) {
  main { padding: 14px 14px 40px; } .cover { padding: 18px; } .cover .mode { color: var(--warn); max-width: 100ch; }
.cover h1 { font-size: 30px; } .cover .sentence { font-size: 16px; }
  .figures { grid-template-columns: repeat(2, 1fr); } .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 8px; }
  .lines { grid-template-columns: 1fr; gap: 0; } th, td { padding: 6px 9px; }
  .pin th:first-child { position: sticky; left: 0; background: var(--page); min-width: 132px; overflow-wrap: anywhere; }
  .cause .pin th:first-child { min-width: 0; } .exact { min-width: 9ch; } .words { min-width: 19ch; }
  .pin thead th:first-child { background: var(--panel); } .pin .sub { display: none; } .pin .sub.bad { display: block; } }
@page { margin: 14mm; }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; } nav { display: none; }
  table { font-size: 8pt; } thead th, .group th { font-size: 7.5pt; } th, td { padding: 2.5pt 3.5pt; } tbody th { overflow-wrap: anywhere; min-width: 74pt; } .sub { font-size: 7pt; }
  h2 { margin-top: 20pt; font-size: 13pt; } .cause header { padding: 6pt 8pt; } .cause td, .cause th { padding-left: 8pt; }
  .figures dd { font-size: 14pt; } .figures div { padding: 8pt; }
  .scroll { overflow: visible; } .graph svg { max-width: 100%; height: auto; } .next, .graph, .changes li { break-inside: avoid; } .words, .exact { min-width: 0; } .n.value { min-width: 14ch; }
  tfoot { display: table-row-group; } .cause header { padding-bottom: 4pt; }
  tr, .cause, .signing, .cover, .lines div { break-inside: avoid; } h2, .intro, .cause header { break-after: avoid; }
  body, .cover, .figures div, .figures, thead th { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }`;

/** The report's one style sheet: no font, image or address from elsewhere. */
export const STYLE = [PALETTE, TEXT, COVER, TABLE, CHARTS, SIGNING, SIZES].join('\n');
