/** Version 4: what `etl status` and `etl ui` reckon the time left by. @param s the schema, quoted */
export const upgrade4 = (s: string): string => `
-- The steps of the run, what waits for what, and what was chosen for each load.
alter table ${s}.runs add column plan jsonb;
`;
