/** Puts what tsc does not copy beside the dashboard's compiled script, where the server looks for the page. */
import { cpSync } from 'node:fs';

for (const name of ['index.html', 'style.css'])
  cpSync(`reports/dashboard/${name}`, `dist/reports/dashboard/${name}`);
