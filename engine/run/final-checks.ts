import pLimit from 'p-limit';
import { EXIT } from '../contract/errors.js';
import { referenceChecks, rowCountCheck } from './checks.js';
import type { RunContext } from './context.js';
import type { MappingState } from './results.js';
import type { Retries } from './sessions/retries.js';
import { openAsking } from './sessions/sessions.js';
import { asGrave, failureWords, ownChecks } from './verify/own-checks.js';

/**
 * The checks at the end of a run, over what it loaded: of `jobs` mappings at a time, since each waits for the source, the
 * target and this process in turn. What they find is put into the mappings' states.
 * @param needs `replayed`: the rows are a part of what the target has, so that they cannot be counted
 * @throws the first error of a session, when no check is under way any more
 */
export async function finalChecks(
  context: RunContext,
  done: readonly MappingState[],
  needs: { readonly jobs: number; readonly replayed: boolean; readonly retries: Retries },
): Promise<void> {
  const limit = pLimit(needs.jobs);
  const ends = await Promise.allSettled(
    done.map((state) =>
      limit(() => {
        const { watch } = context.meterOf(state.compiled.mapping.name);
        return watch.during('after', () => checkMapping(context, state, needs));
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function checkMapping(
  context: RunContext,
  state: MappingState,
  { replayed, retries }: { readonly replayed: boolean; readonly retries: Retries },
): Promise<void> {
  const { compiled, tally, before } = state;
  const { checks: specs, name } = compiled.mapping;
  const sample = context.sample?.get(name) ?? null;
  const session = await openAsking(context, retries);
  try {
    const always = [
      ...(replayed
        ? []
        : [await rowCountCheck(session, compiled, context.schema, tally, { before, sample })]),
      ...(await referenceChecks(session, compiled, context.compiled)),
    ];
    state.checks = [...always.map((check) => asGrave(check, specs)), ...(await ownChecks(context, compiled))];
  } finally {
    await session.close();
  }
  const first = state.checks.find((check) => check.status === 'failed');
  if (first !== undefined) state.fail(failureWords(first), EXIT.checks);
}
