import { spread } from './figures.mjs';

/**
 * Runs all contestants in turn, A B C A B C, after a warm-up round that does not count: name → runs. A run that fails
 * or whose check fails does not count and is told, with its reason, in `failures`.
 * @param contestants each `{ name, before(), run(), check() }`; only `run` is measured
 */
export async function inTurn(contestants, { rounds, warmUp = true }) {
  const runs = Object.fromEntries(contestants.map(({ name }) => [name, []]));
  const failures = [];
  for (let round = warmUp ? 0 : 1; round <= rounds; round += 1) {
    for (const contestant of contestants) {
      const { name } = contestant;
      try {
        const once = await measure(contestant);
        if (round > 0) runs[name].push(once);
        console.error(
          `${round === 0 ? 'warm-up' : `round ${round}`}  ${name.padEnd(16)} ${once.seconds.toFixed(2)} s`,
        );
      } catch (error) {
        failures.push({ name, round, reason: error.message });
        console.error(`round ${round}  ${name}: does not count: ${error.message}`);
      }
    }
  }
  return { runs, failures };
}

/** `{ seconds, … }` with what the run itself told of its process. */
async function measure({ before, run, check }) {
  await before();
  const start = performance.now();
  const told = (await run()) ?? {};
  const seconds = (performance.now() - start) / 1000;
  await check(told);
  return { cpu: told.cpu, rss: told.rss, summary: told.summary, seconds };
}

/** The spread of the seconds of each name that has runs. */
export const spreads = (runs) =>
  Object.fromEntries(
    Object.entries(runs)
      .filter(([, of]) => of.length > 0)
      .map(([name, of]) => [name, spread(of, 'seconds')]),
  );

/**
 * As {@link inTurn}, for a script that needs a figure of each: the spreads of their seconds in `found`, their greatest
 * memory in MB in `memory`. @throws where one has no run that counts
 */
export async function figuresOf(contestants, options) {
  const { runs, failures } = await inTurn(contestants, options);
  const found = spreads(runs);
  const without = contestants.find(({ name }) => !found[name]);
  if (without) {
    const { reason } = failures.find(({ name }) => name === without.name);
    throw new Error(`${without.name} has no run that counts: ${reason}`);
  }
  const memory = Object.fromEntries(
    Object.entries(runs).map(([name, of]) => [name, spread(of, 'rss')?.max ?? null]),
  );
  return { found, memory };
}
