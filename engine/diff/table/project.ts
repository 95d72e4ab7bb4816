import { always, within, type Table } from './verdict.js';

const STAY = 'rows already loaded stay as they are';

/** What stands in etl.yaml and exceptions.yaml. */
export const PROJECT_TABLE: Table = {
  'etl.yaml › version': always('cosmetic', 'the version of the language: there is one'),
  'etl.yaml › project': always(
    'identity-changing',
    'the name is part of every uuid5 id and of all that the engine keeps: no earlier run, key pair or row is recognised',
    'identity',
  ),
  'a connection › url': always(
    'identity-changing',
    'it leads to another database, or by another way: rows, keys and the state of earlier runs may be others (the url itself is not shown)',
    'identity',
  ),
  'a connection › ssl': always('additive', `the connection is secured in another way; ${STAY}`),
  'a connection › ca': always(
    'additive',
    `the server’s certificate is checked against another bundle; ${STAY}`,
  ),
  'a connection › password_file': always('additive', `the password comes from elsewhere; ${STAY}`),
  'a connection › password_command': always(
    'additive',
    `the password comes from elsewhere, and the command runs wherever the project does: look at it as at code; ${STAY}`,
  ),
  'a connection › search_path': always(
    're-transform',
    'names without a schema may mean other tables: rows already loaded may come from elsewhere',
    'value',
  ),
  'embedded › source': always('cosmetic', 'what --embedded and etl test build: no other database is touched'),
  'embedded › target': within('embedded › source'),
  'embedded › settings': within('embedded › source'),
  'etl.yaml › phases': always('additive', `mappings run in another order; ${STAY}`),
  'defaults › batch_rows': always('cosmetic', 'rows are sent in other portions: the same rows and values'),
  'etl.yaml › copy': within('a mapping'),
  'a copy › table': within('a mapping'),
  'a copy › phase': within('a mapping › phase'),
  'etl.yaml › plugins': within('a column › steps'),
  'state › schema': always(
    'identity-changing',
    'the engine keeps its tables elsewhere: it knows of no earlier run, of no key pair and of no row that it has made',
    'identity',
  ),
  'an exception › mapping': always(
    'additive',
    `what people have agreed to: the report’s verdict, neither rows nor exit codes; ${STAY}`,
  ),
  ...Object.fromEntries(
    ['rule', 'column', 'check', 'up_to', 'who', 'why', 'until'].map((name) => [
      `an exception › ${name}`,
      within('an exception › mapping'),
    ]),
  ),
};
