/** Version 5: what `etl status` and `etl ui` reckon the time left by. @param s the schema, quoted */
export const upgrade5 = (s: string): string => `
-- The steps of the run, and what waits for what.
alter table ${s}.runs add column plan jsonb;
`;
