/** Problems that show when a mapping meets the two databases' catalogues. */
export const BIND_CODES = {
  'ETL-BIND-001': 'The source table or query cannot be read as the mapping says.',
} as const;
