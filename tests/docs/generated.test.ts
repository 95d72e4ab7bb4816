import { expect, it } from 'vitest';
import { format } from 'prettier';
import { SCHEMA_NAMES, schemaOf } from '../../engine/mapping/schemas.js';
import { STEPS } from '../../engine/steps/index.js';
import { RULES } from '../../validators/index.js';
import { diffPage } from './diff-page.js';
import { errorsPage } from './errors-page.js';
import { keysPage } from './keys-page.js';
import { rulesPage } from './rules-page.js';
import { stepsPage } from './steps-page.js';

/** The house's, with lines of text broken. */
const STYLE = { printWidth: 110, singleQuote: true, proseWrap: 'always' } as const;

const SCHEMAS = SCHEMA_NAMES.map((name) => ({ file: `schema/v1/${name}.schema.json`, name }));

it.each(SCHEMAS)('docs/$file says what the engine reads', async ({ file, name }) => {
  const schema = schemaOf(name, { steps: STEPS, rules: RULES });
  const text = await format(JSON.stringify(schema), { parser: 'json', ...STYLE });
  const renew = `docs/${file} is stale; to renew: npx vitest run tests/docs/generated.test.ts -u`;
  await expect(text, renew).toMatchFileSnapshot(`../../docs/${file}`);
});

const PAGES = [
  { file: 'keys.md', make: keysPage },
  { file: 'steps.md', make: stepsPage },
  { file: 'rules.md', make: rulesPage },
  { file: 'errors.md', make: errorsPage },
  { file: 'diff-classes.md', make: diffPage },
];

it.each(PAGES)('docs/$file says what the engine does', async ({ file, make }) => {
  const text = await format(make(), { parser: 'markdown', ...STYLE });
  const renew = `docs/${file} is stale; to renew: npx vitest run tests/docs/generated.test.ts -u`;
  await expect(text, renew).toMatchFileSnapshot(`../../docs/${file}`);
});
