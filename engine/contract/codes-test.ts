/** Problems of unit tests: of their files alone, and of what they say of the mapping's two sides. */
export const TEST_CODES = {
  'ETL-TEST-001':
    'A test file is named after no mapping of the project: `tasks.test.yaml` holds the tests of `tasks`. Rename the file, or remove it.',
  'ETL-TEST-002':
    'Two tests of one mapping have one name, so that `--filter` and reports could not tell them apart.',
  'ETL-TEST-003':
    'A row under `given` has a column that the mapping’s query or table does not give. Names are exact, upper and lower case included.',
  'ETL-TEST-004':
    'A row or reject under `expect` names a column that the target table does not have. Names are exact, upper and lower case included.',
  'ETL-TEST-005':
    'A test gives keys of a mapping that the tested one does not refer to: nothing would ever ask for them.',
  'ETL-TEST-006':
    'A test gives a look-up that the mapping does not use. A look-up that stands inline is named by its target column.',
  'ETL-TEST-007':
    'A value of a test is none of the column’s type: PostgreSQL would not read it. Lists go into arrays and JSON, maps into JSON alone.',
} as const;
