/** Problems that are found in the files alone, without a database. */
export const LANGUAGE_CODES = {
  'ETL-YAML-001': 'The file is not valid YAML 1.2.',
} as const;
